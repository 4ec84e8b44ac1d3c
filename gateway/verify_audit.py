"""Verifies an audit without the platform: `python -m gateway.verify_audit FOLDER JWKS` (/.well-known/jwks.json).

Says what does not fit and where: the file, the line and its bytes. Needs no database and no network.
"""

import base64
import binascii
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from gateway.audit import GENESIS, leaf_hash
from gateway.seals import canonical, merkle_root


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not fit.

    Attributes:
        file: In which file.
        line: From 1; 0 when it is about the file.
        start: Of the line's first byte in the file.
        end: Of the byte after its last.
        what: In words.
    """

    file: str
    line: int
    start: int
    end: int
    what: str


@dataclass(frozen=True, slots=True)
class Line:
    """A record as it stands in its file."""

    file: str
    number: int
    start: int
    data: bytes

    def finding(self, what: str) -> Finding:
        """Say that this record does not fit."""
        return Finding(self.file, self.number, self.start, self.start + len(self.data), what)


def unchained(folder: Path) -> list[str]:
    """Return the files from before there was a chain: they prove nothing, and nothing is amiss."""
    found = []
    for path in sorted(folder.glob("audit-*.jsonl")):
        is_sealed = path.with_suffix(".seals").exists()
        if not is_sealed and all(_before(line) is None and _is_record(line) for line in _lines(path)):
            found.append(path.name)
    return found


def _is_record(line: Line) -> bool:
    try:
        return isinstance(json.loads(line.data), dict)
    except ValueError:
        return False


def verify(folder: Path, keys: Sequence[ec.EllipticCurvePublicKey]) -> tuple[int, list[Finding]]:
    """Return how many records are sealed and good, and all that does not fit.

    Args:
        folder: With `audit-<day>.<instance>.jsonl` and `.seals`.
        keys: Whose seals are trusted.
    """
    instances: dict[str, list[Path]] = defaultdict(list)
    older = set(unchained(folder))
    for path in sorted([*folder.glob("audit-*.jsonl"), *folder.glob("audit-*.seals")]):
        if path.name in older:
            continue
        instances[path.name.split(".")[1]].append(path)
    good, findings = 0, list[Finding]()
    for paths in instances.values():
        lines = [line for path in paths if path.suffix == ".jsonl" for line in _lines(path)]
        sealed, heads, wrong = _seals([path for path in paths if path.suffix == ".seals"], lines, keys)
        good, findings = good + sealed, [*findings, *dict.fromkeys(_chain(lines, heads)), *wrong]
    return good, findings


def _lines(path: Path) -> Iterator[Line]:
    start = 0
    for number, data in enumerate(path.read_bytes().split(b"\n"), 1):
        if data:
            yield Line(path.name, number, start, data)
        start += len(data) + 1


def _before(line: Line) -> str | None:
    try:
        return str(json.loads(line.data)["before"])
    except (ValueError, KeyError, TypeError):
        return None


def _chain(lines: Sequence[Line], heads: Mapping[int, str]) -> Iterator[Finding]:
    """Find the altered records: neither the next one nor a seal names their hash, and the next one is not altered."""
    hashes = [leaf_hash(line.data).hex() for line in lines]
    named = [GENESIS, *hashes]
    follows = [_before(line) == before for line, before in zip(lines, named, strict=False)]
    # The last record has no successor to name its hash: without a seal, all that can be said is that it follows.
    intact = [
        heads[at + 1] == hashes[at] if at + 1 in heads else follows[min(at + 1, len(lines) - 1)]
        for at in range(len(lines))
    ]
    for at, line in enumerate(lines):
        if not intact[at] and (at + 1 == len(lines) or intact[at + 1] or at + 1 in heads):
            yield line.finding("this record was altered")
    if follows and not follows[0]:
        yield lines[0].finding("this record was altered")


def _seals(
    paths: Sequence[Path], lines: Sequence[Line], keys: Sequence[ec.EllipticCurvePublicKey]
) -> tuple[int, dict[int, str], list[Finding]]:
    sealed, before, heads, findings = 0, GENESIS, dict[int, str](), list[Finding]()
    hashes = [leaf_hash(line.data) for line in lines]
    for path in paths:
        for line in _lines(path):
            wrong, seal = _read(line, keys)
            if seal is None or wrong:
                findings.append(line.finding(wrong))
                continue
            first, last = seal["first"], seal["last"]
            if seal["before"] != before or first != sealed + 1:
                findings.append(line.finding("a seal before this one is missing"))
            if last > len(hashes):
                findings.append(
                    Finding(seal["file"], 0, 0, 0, f"records up to number {last} were sealed and are missing")
                )
            elif merkle_root(hashes[first - 1 : last]).hex() != seal["root"]:
                findings.append(line.finding(f"records {first} to {last} are not those that were sealed"))
            sealed, before, heads[last] = last, _hash(seal), seal["head"]
    return sealed, heads, findings


def _hash(seal: dict[str, Any]) -> str:
    return hashlib.new("sm3", canonical(seal)).hexdigest()


def _read(line: Line, keys: Sequence[ec.EllipticCurvePublicKey]) -> tuple[str, dict[str, Any] | None]:
    try:
        seal: dict[str, Any] = json.loads(line.data)
        signature = base64.b64decode(seal["signature"], validate=True)
        signed = canonical(seal)
        (
            int(seal["first"]),
            int(seal["last"]),
            str(seal["file"]),
            str(seal["root"]),
            str(seal["before"]),
            str(seal["head"]),
        )
    except (ValueError, KeyError, TypeError, binascii.Error):
        return "this seal cannot be read", None
    for key in keys:
        try:
            key.verify(signature, signed, ec.ECDSA(SHA256()))
        except InvalidSignature:
            continue
        return "", seal
    return "this seal was not signed by a trusted key", None


def read_keys(path: Path) -> list[ec.EllipticCurvePublicKey]:
    """Read the EC public keys of a key set."""
    keys = [jwt.PyJWK(each).key for each in json.loads(path.read_text(encoding="utf-8"))["keys"]]
    return [key for key in keys if isinstance(key, ec.EllipticCurvePublicKey)]


def main() -> int:
    """Verify, print, and return 1 when something does not fit."""
    if len(sys.argv) != 3:  # noqa: PLR2004 - the program and its two arguments
        print(__doc__)  # noqa: T201 - it talks to a person
        return 2
    sealed, findings = verify(Path(sys.argv[1]), read_keys(Path(sys.argv[2])))
    for each in findings:
        print(f"✗ {each.file}:{each.line} 字节 bytes {each.start}–{each.end}: {each.what}")  # noqa: T201
    for name in unchained(Path(sys.argv[1])):
        print(f"· {name}: 早于哈希链，无从核验 from before the chain, which proves nothing of it")  # noqa: T201
    print(f"{'✗' if findings else '✓'} 已封存 sealed {sealed}，不符 do not fit {len(findings)}")  # noqa: T201
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
