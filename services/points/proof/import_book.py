"""Import a book: `python -m services.points.proof.import_book FILE --key KEY`, with LINLI_DATABASE_URL.

It takes what `export_book` wrote, into a database that has nothing of that community, and believes nothing in it that
does not fit its chain and the seals of a key that is trusted. An engineer runs it: who may write the past is not asked
over HTTP.
"""

import argparse
import asyncio
import base64
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.open_accounts import open_accounts
from services.points.ledger.rules import AccountKind, AccountName, AssetClass, BookAccount
from services.points.ledger.tables import Account
from services.points.proof.rules import VERSION, BrokenSealError, SealedWindow, canonical, check_window, is_signed
from services.points.proof.tables import Seal
from services.points.settings import ImportSettings
from shared.database import Database

IMPORTED_XID = -(2**62)
"""Where the transactions of imported windows are counted from: before all that a server itself ever counts."""

_SUM_UP = (
    text("""
        UPDATE account SET balance = entered.balance
        FROM (SELECT account_id, sum(amount) AS balance FROM entry WHERE community_code = :code GROUP BY 1) AS entered
        WHERE account.community_code = :code AND account.account_id = entered.account_id AND floor IS NOT NULL
    """),
    text("""
        UPDATE lot SET earned = moved.earned, remaining = moved.remaining
        FROM (SELECT lot_id, sum(e.amount) AS remaining,
                     coalesce(sum(greatest(e.amount, 0)) FILTER (WHERE t.kind <> 'reverse'), 0) AS earned
              FROM entry e JOIN transfer t USING (community_code, transfer_id)
              WHERE e.community_code = :code AND lot_id IS NOT NULL GROUP BY 1) AS moved
        WHERE lot.community_code = :code AND lot.lot_id = moved.lot_id
    """),
)

# In this order: an entry names its transfer and its lot.
_COLUMNS = {
    "transfer": "community_code, transfer_id, xid, asset_class, kind, reference, reverses, occurred_at",
    "lot": "community_code, lot_id, account_id, issuer, activity, expires_on, parent_lot_id, first_earned_at, earned,"
    " remaining",
    "entry": "community_code, transfer_id, leg, account_id, lot_id, asset_class, amount, balance_after",
    "hold_command": "community_code, command_id, xid, asset_class, kind, reference, account_id, amount, expires_at,"
    " recorded_at",
    "refusal": "community_code, refusal_id, xid, asset_class, kind, reference, asked, reason, facts, recorded_at",
}
_TABLE_OF = {
    "transfer": ("transfer", "transfer_id"),
    "hold": ("hold_command", "command_id"),
    "refusal": ("refusal", "refusal_id"),
}
_GIVEN = "jsonb_populate_recordset(NULL::{table}, CAST(:rows AS jsonb))"

Json = dict[str, Any]


class BookRefusedError(Exception):
    """The book cannot be taken as it is; nothing of it was."""


async def import_book(session: AsyncSession, lines: Iterable[bytes], keys: Sequence[str]) -> SealedWindow | None:
    """Take a community's book in, whole, window by window.

    Args:
        session: At whose commit the book is there; nothing of it is, if it is refused.
        lines: What `export_book` wrote.
        keys: The public keys that are trusted, in PEM.

    Returns:
        The last window; None when the book is empty.

    Raises:
        BookRefusedError: It is not an exported book, does not fit its chain and seals, or there is one already.
    """
    read = (json.loads(line) for line in lines)
    try:
        head = next(read)
        code = str(head["community_code"])
        if head != {"format": "linli-book", "version": VERSION, "community_code": code}:
            raise BookRefusedError(f"这不是版本 {VERSION} 的账本 · not a book of version {VERSION}")
        if await session.scalar(select(exists().where(Account.community_code == code))):
            raise BookRefusedError(f"社区 {code} 在此已有账本 · there is a book of {code} here")
        before, written, lots = None, 0, set[str]()
        for records, sealed in _windows(read):
            window, signature = _checked(before, code, records, sealed, keys)
            xid = IMPORTED_XID + window.number
            await _write(session, code, records, xid, lots)
            values = {name: getattr(window, name) for name in window.__slots__}
            session.add(Seal(**values, below_xid=xid + 1, signature=signature))
            before, written = window, written + len(records)
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise BookRefusedError(f"内容有误 · malformed: {error!r}") from error
    except BrokenSealError as error:
        raise BookRefusedError(f"与封账不符 · it does not fit its seals: {error}") from error
    for statement in _SUM_UP:
        await session.execute(statement, {"code": code})
    return before


def _windows(read: Iterator[Json]) -> Iterator[tuple[list[Json], Json]]:
    """Yield each window's records with its seal, and see that the book comes to its end."""
    records: list[Json] = []
    written = windows = 0
    for value in read:
        if "record" in value:
            records.append(value["record"])
        elif "seal" in value:
            yield records, value
            written, windows, records = written + len(records), windows + 1, []
        elif records or value != {"end": {"records": written, "windows": windows}}:
            break
        else:
            return
    raise BookRefusedError("账本不完整 · the book breaks off")


def _checked(
    before: SealedWindow | None, code: str, records: list[Json], sealed: Json, keys: Sequence[str]
) -> tuple[SealedWindow, bytes]:
    stated = sealed["seal"]
    previous, head, root = (bytes.fromhex(stated[name]) for name in ("previous", "head", "root"))
    up_to, sealed_at = (datetime.fromisoformat(stated[name]) for name in ("up_to", "sealed_at"))
    number, first, count = stated["number"], stated["first"], stated["count"]
    window = SealedWindow(code, number, first, count, previous, head, root, up_to, sealed_at)
    check_window(before, window, [canonical(record) for record in records])
    signature = base64.b64decode(sealed["signature"])
    if window.stated() != stated or not any(is_signed(window.statement(), signature, key) for key in keys):
        raise BrokenSealError(f"window {window.number} is not signed by a key that is trusted")
    if any(record["community_code"] != code for record in records):
        raise BrokenSealError(f"window {window.number} has a record of another community's book")
    return window, signature


async def _write(session: AsyncSession, code: str, records: list[Json], xid: int, lots: set[str]) -> None:
    named = [(one, entry["account"]) for one in records for entry in one.get("entries", ())]
    named += [(one, one["account"]) for one in records if one["type"] == "hold"]
    ids = await open_accounts(session, {_account(*one) for one in named})
    rows: dict[str, list[Json]] = {table: [] for table in _COLUMNS}
    for record in records:
        table, id_of = _TABLE_OF[record["type"]]
        row = {**record, id_of: record["id"], "xid": xid}
        if record["type"] == "hold":
            row |= {"account_id": str(ids[_account(record, record["account"])]), "amount": record.get("amount", 0)}
        rows[table].append(row)
        for leg, entry in enumerate(record.get("entries", ())):
            place = {
                "community_code": code,
                "account_id": str(ids[_account(record, entry["account"])]),
                "lot_id": entry.get("lot"),
            }
            of = {"transfer_id": record["id"], "leg": leg, "asset_class": record["asset_class"]}
            rows["entry"].append({**place, **of, "amount": entry["amount"], "balance_after": entry.get("balance")})
            if (lot_id := entry.get("lot")) and lot_id not in lots:
                lots.add(lot_id)
                first = {"first_earned_at": record["posted_at"], "earned": 0, "remaining": 0}
                rows["lot"].append({**entry, **place, **first, "parent_lot_id": entry.get("parent")})
    for table, columns in _COLUMNS.items():
        write = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_GIVEN.format(table=table)}"  # noqa: S608
        await session.execute(text(write), {"rows": json.dumps(rows[table])})


def _account(record: Json, owner: str) -> BookAccount:
    kind = AccountKind(owner.partition(":")[0])
    return record["community_code"], AssetClass(record["asset_class"]), AccountName(kind, owner)


async def main() -> int:
    """Import the file that the command line names into the database that LINLI_DATABASE_URL names."""
    parser = argparse.ArgumentParser(description="导入一个社区的账本 · import a community's book")
    parser.add_argument("file", type=Path, help="导出的 JSON Lines 账本 · the exported book")
    parser.add_argument(
        "--key", type=Path, action="append", required=True, help="信任的公钥 PEM · a public key, in PEM"
    )
    asked = parser.parse_args()
    keys = [path.read_text(encoding="ascii") for path in asked.key]
    database = Database(ImportSettings().database_url.get_secret_value(), name="points-import")
    try:
        async with database.transaction() as session:
            with asked.file.open("rb") as lines:
                last = await import_book(session, lines, keys)
    except BookRefusedError as refused:
        sys.stderr.write(f"✗ 未导入 · not imported: {refused}\n")
        return 1
    finally:
        await database.close()
    sys.stdout.write(f"✓ 已导入 · imported: {last.number if last else 0} 个窗口 windows\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
