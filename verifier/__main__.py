"""`python -m verifier proof FILE --key KEY` checks one transfer's proof, `… book FILE --key KEY` a whole book."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from verifier.books import check_book
from verifier.seals import UnfitError, check_proof, load_key

FITS, UNFIT, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a file and say what was found.

    Returns:
        0 when everything fits, 1 when something does not, 2 when a file cannot be read.
    """
    parser = argparse.ArgumentParser(
        prog="python -m verifier",
        description="离线核验邻里账本的封账与证明 · checks seals and proofs of a Linli book, offline",
    )
    parser.add_argument("kind", choices=("proof", "book"), help="一笔流水的证明或整本账 · a proof or a whole book")
    parser.add_argument("file", type=Path, help="JSON 证明，或导出的 JSON Lines 账本")
    parser.add_argument(
        "--key",
        type=Path,
        action="append",
        required=True,
        help="从可信渠道取得的公钥 PEM，可重复 · a public key you trust, in PEM; may be repeated",
    )
    asked = parser.parse_args(arguments)
    try:
        keys = [load_key(path.read_bytes()) for path in asked.key]
        if asked.kind == "proof":
            proof = json.loads(asked.file.read_bytes())
            check_proof(proof, keys)
            seal = proof["seal"]
            found = f"{seal['community_code']} 第 window {seal['number']} 封账窗口, {seal['sealed_at']}"
        else:
            with asked.file.open("rb") as lines:
                book = check_book(lines, keys)
            found = (
                f"{book.community_code}: {book.records} 条 records, {book.windows} 个窗口 windows, {book.head.hex()}"
            )
    except UnfitError as unfit:
        print(f"✗ 不相符 · it does not fit: {unfit}")
        return UNFIT
    except (OSError, ValueError, RecursionError) as error:
        print(f"✗ 无法读取 · cannot be read: {error}", file=sys.stderr)
        return UNREADABLE
    print(f"✓ 相符 · it fits: {found}")
    return FITS


if __name__ == "__main__":
    sys.exit(main())
