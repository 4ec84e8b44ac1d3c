"""Reads a book as the chain has it: its records in canonical bytes, and its windows."""

import json
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

# Owners instead of ids of accounts, and what a lot is beside its id: the chain then holds that nobody gave an account
# to another owner, or a lot another expiry, and a book that is imported elsewhere has the same bytes.
_TRANSFERS = text("""
    SELECT t.community_code, t.xid, t.transfer_id AS id, t.asset_class, t.kind, t.reference, t.posted_at, t.occurred_at,
        t.reverses,
        (SELECT json_agg(json_build_object(
                    'account', a.owner, 'amount', e.amount, 'balance', e.balance_after, 'lot', e.lot_id,
                    'issuer', l.issuer, 'activity', l.activity, 'expires_on', l.expires_on, 'parent', l.parent_lot_id)
                ORDER BY e.leg)
         FROM entry e JOIN account a USING (community_code, account_id) LEFT JOIN lot l USING (community_code, lot_id)
         WHERE e.community_code = t.community_code AND e.transfer_id = t.transfer_id) AS entries
    FROM transfer t
    WHERE t.xid >= :from_xid AND t.xid < :below_xid AND (CAST(:code AS text) IS NULL OR t.community_code = :code)
""")
_REFUSALS = text("""
    SELECT community_code, xid, refusal_id AS id, asset_class, kind, reference, asked, reason, facts, recorded_at
    FROM refusal
    WHERE xid >= :from_xid AND xid < :below_xid AND (CAST(:code AS text) IS NULL OR community_code = :code)
""")

_HOLD_COMMANDS = text("""
    SELECT h.community_code, h.xid, command_id AS id, h.asset_class, h.kind, h.reference, a.owner, amount, expires_at,
           recorded_at
    FROM hold_command h JOIN account a USING (community_code, account_id)
    WHERE h.xid >= :from_xid AND h.xid < :below_xid AND (CAST(:code AS text) IS NULL OR h.community_code = :code)
""")

_OWNERS = text("""
    SELECT a.owner FROM entry e JOIN account a USING (community_code, account_id)
    WHERE e.community_code = :code AND e.transfer_id = :transfer_id
""")
_WINDOW = text("""
    SELECT s.number, coalesce((SELECT before.below_xid FROM seal before
        WHERE before.community_code = s.community_code AND before.number = s.number - 1), :least) AS from_xid
    FROM transfer t JOIN seal s ON s.community_code = t.community_code AND s.below_xid > t.xid
    WHERE t.community_code = :code AND t.transfer_id = :transfer_id
    ORDER BY s.below_xid LIMIT 1
""")


@dataclass(frozen=True, slots=True, order=True)
class Record:
    """A command that was posted or refused, in the order of a window."""

    community_code: str
    id: uuid.UUID
    xid: int
    leaf: bytes

    def content(self) -> dict[str, Any]:
        """Return what the record says."""
        content: dict[str, Any] = json.loads(self.leaf)
        return content


async def records(
    session: AsyncSession, from_xid: int, below_xid: int, community_code: str | None = None
) -> list[Record]:
    """Read what transactions of a range committed, of one community or of all, by community and id."""
    bound = {"from_xid": from_xid, "below_xid": below_xid, "code": community_code}
    found = [_record(row, _transfer(row)) for row in await session.execute(_TRANSFERS, bound)]
    found += [_record(row, _refusal(row)) for row in await session.execute(_REFUSALS, bound)]
    found += [_record(row, _hold_command(row)) for row in await session.execute(_HOLD_COMMANDS, bound)]
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


async def seals_before(session: AsyncSession, community_code: str, number: int, most: int) -> Sequence[Seal]:
    """Read a book's seals from before a number backwards."""
    asked = select(Seal).where(Seal.community_code == community_code, Seal.number < number)
    return (await session.scalars(asked.order_by(Seal.number.desc()).limit(most))).all()


async def owners_in(session: AsyncSession, community_code: str, transfer_id: uuid.UUID) -> Sequence[str]:
    """Read whose accounts a transfer moves; nobody's when there is no such transfer."""
    return (await session.scalars(_OWNERS, {"code": community_code, "transfer_id": transfer_id})).all()


async def sealed_with(
    session: AsyncSession, community_code: str, transfer_id: uuid.UUID
) -> tuple[Seal, list[Record]] | None:
    """Read the window that has a transfer, with its records; None when none has it yet."""
    bound = {"code": community_code, "transfer_id": transfer_id, "least": XID_MIN}
    found = (await session.execute(_WINDOW, bound)).one_or_none()
    if found is None:
        return None
    seal = await session.get_one(Seal, (community_code, found.number))
    return seal, await records(session, found.from_xid, seal.below_xid, community_code)


def _record(row: Row[Any], content: dict[str, Any]) -> Record:
    names = {"community_code": row.community_code, "id": str(row.id), "asset_class": row.asset_class}
    leaf = canonical({**names, "kind": row.kind, "reference": row.reference, **content})
    return Record(row.community_code, row.id, row.xid, leaf)


def _transfer(row: Row[Any]) -> dict[str, Any]:
    entries = [{name: value for name, value in entry.items() if value is not None} for entry in row.entries or []]
    content = {"type": "transfer", "posted_at": timestamp(row.posted_at), "entries": entries}
    if row.occurred_at:
        content["occurred_at"] = timestamp(row.occurred_at)
    if row.reverses:
        content["reverses"] = str(row.reverses)
    return content


def _refusal(row: Row[Any]) -> dict[str, Any]:
    why = {"asked": row.asked, "reason": row.reason, "facts": row.facts}
    return {"type": "refusal", "recorded_at": timestamp(row.recorded_at), **why}


def _hold_command(row: Row[Any]) -> dict[str, Any]:
    content = {"type": "hold", "recorded_at": timestamp(row.recorded_at), "account": row.owner}
    if row.expires_at:
        content |= {"amount": row.amount, "expires_at": timestamp(row.expires_at)}
    return content


def window_of(seal: Seal | Row[Any]) -> SealedWindow:
    """Return what a seal says."""
    return SealedWindow(**{name: getattr(seal, name) for name in SealedWindow.__slots__})
