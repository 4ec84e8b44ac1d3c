"""Reads a book as the chain has it: its records in canonical bytes, and its windows."""

import uuid
from bisect import bisect_right
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.proof.rules import SealedWindow, canonical, timestamp
from services.points.proof.tables import Seal

WINDOWS_AT_ONCE = 64
XID_MIN = -(2**63)

# Names instead of ids of accounts and lots: the chain then holds that nobody gave an account to another owner, or a lot
# another expiry, and a book that is imported elsewhere has the same bytes.
_TRANSFERS = text("""
    SELECT t.community_code, t.xid, t.transfer_id AS id, t.asset_class, t.kind, t.reference, t.posted_at,
        (SELECT json_agg(json_build_array(a.owner, e.amount, e.balance_after) ORDER BY e.leg)
         FROM entry e JOIN account a USING (community_code, account_id)
         WHERE e.community_code = t.community_code AND e.transfer_id = t.transfer_id) AS entries,
        (SELECT json_agg(json_build_array(a.owner, l.activity, l.expires_on, m.amount)
                         ORDER BY a.owner, l.expires_on, l.activity)
         FROM lot_move m JOIN lot l USING (community_code, lot_id)
         JOIN account a ON a.community_code = l.community_code AND a.account_id = l.account_id
         WHERE m.community_code = t.community_code AND m.transfer_id = t.transfer_id) AS lots
    FROM transfer t
    WHERE t.xid >= :from_xid AND t.xid < :below_xid AND (CAST(:code AS text) IS NULL OR t.community_code = :code)
""")
_REFUSALS = text("""
    SELECT community_code, xid, refusal_id AS id, asset_class, kind, reference, asked, reason, facts, recorded_at
    FROM refusal
    WHERE xid >= :from_xid AND xid < :below_xid AND (CAST(:code AS text) IS NULL OR community_code = :code)
""")


@dataclass(frozen=True, slots=True, order=True)
class Record:
    """A command that was posted or refused, in the order of a window."""

    community_code: str
    id: uuid.UUID
    xid: int
    leaf: bytes


async def records(
    session: AsyncSession, from_xid: int, below_xid: int, community_code: str | None = None
) -> list[Record]:
    """Read what transactions of a range committed, of one community or of all, by community and id."""
    bound = {"from_xid": from_xid, "below_xid": below_xid, "code": community_code}
    found = [_record(row, _transfer(row)) for row in await session.execute(_TRANSFERS, bound)]
    found += [_record(row, _refusal(row)) for row in await session.execute(_REFUSALS, bound)]
    return sorted(found)


async def windows(session: AsyncSession, community_code: str) -> AsyncIterator[tuple[Seal, list[Record]]]:
    """Read a book window by window, each with its records as they are now."""
    below_xid, number = XID_MIN, 0
    while seals := await _seals_after(session, community_code, number):
        found = await records(session, below_xid, seals[-1].below_xid, community_code)
        ends = [seal.below_xid for seal in seals]
        by_window: list[list[Record]] = [[] for _ in seals]
        for record in found:
            by_window[bisect_right(ends, record.xid)].append(record)
        for seal, its_records in zip(seals, by_window, strict=True):
            yield seal, its_records
        below_xid, number = ends[-1], seals[-1].number


async def _seals_after(session: AsyncSession, community_code: str, number: int) -> Sequence[Seal]:
    asked = select(Seal).where(Seal.community_code == community_code, Seal.number > number)
    seals = (await session.scalars(asked.order_by(Seal.number).limit(WINDOWS_AT_ONCE))).all()
    session.expunge_all()  # a long book is not to be kept in memory
    return seals


def _record(row: Row[Any], content: dict[str, Any]) -> Record:
    names = {"community_code": row.community_code, "id": str(row.id), "asset_class": row.asset_class}
    leaf = canonical({**names, "kind": row.kind, "reference": row.reference, **content})
    return Record(row.community_code, row.id, row.xid, leaf)


def _transfer(row: Row[Any]) -> dict[str, Any]:
    moved = {"entries": row.entries or [], "lots": row.lots or []}
    return {"type": "transfer", "posted_at": timestamp(row.posted_at), **moved}


def _refusal(row: Row[Any]) -> dict[str, Any]:
    why = {"asked": row.asked, "reason": row.reason, "facts": row.facts}
    return {"type": "refusal", "recorded_at": timestamp(row.recorded_at), **why}


def window_of(seal: Seal | Row[Any]) -> SealedWindow:
    """Return what a seal says."""
    return SealedWindow(**{name: getattr(seal, name) for name in SealedWindow.__slots__})
