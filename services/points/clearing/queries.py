"""Reads of what communities owe each other, and of netting windows."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, literal, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.clearing.rules import HOUSE, Payment, WindowUnknown
from services.points.clearing.tables import NettingPayment, NettingPosition, NettingWindow

_POSITIONS = text("""
    WITH book AS (
        SELECT a.community_code, split_part(a.owner, ':', 2) AS counterparty, coalesce(sum(e.amount), 0)::bigint AS owed
        FROM account a LEFT JOIN entry e USING (community_code, account_id)
        WHERE a.kind = 'clearing' AND (a.community_code = :code OR a.owner = 'clearing:' || :code)
        GROUP BY a.community_code, a.owner
    )
    SELECT ours.counterparty, ours.owed, coalesce(theirs.owed, 0) AS mirrored
    FROM book ours LEFT JOIN book theirs
      ON theirs.community_code = ours.counterparty AND theirs.counterparty = ours.community_code
    WHERE ours.community_code = :code ORDER BY ours.counterparty
""")


# From the last fold on: what lies before is added up already.
OWED_BY = """
    SELECT split_part(a.owner, ':', 2) AS counterparty,
           coalesce(last.balance, 0) + coalesce(since.amount, 0) AS owed
    FROM account a LEFT JOIN LATERAL (
        SELECT transfer_id, leg, balance FROM fold f
        WHERE f.community_code = a.community_code AND f.account_id = a.account_id
        ORDER BY transfer_id DESC, leg DESC LIMIT 1
    ) AS last ON true
    LEFT JOIN LATERAL (
        SELECT sum(amount)::bigint AS amount FROM entry e
        WHERE e.community_code = a.community_code AND e.account_id = a.account_id
          AND (e.transfer_id, e.leg) > (coalesce(last.transfer_id, '00000000-0000-0000-0000-000000000000'),
                                        coalesce(last.leg, -1))
    ) AS since ON true
    WHERE a.community_code = :code AND a.asset_class = 'service'
      AND (starts_with(a.owner, 'clearing:') OR starts_with(a.owner, 'correspondent:'))
"""


@dataclass(frozen=True, slots=True)
class ClearingPosition:
    """What a community owes another (positive) or is owed by it, in both books."""

    counterparty: str
    owed: int
    mirrored: int


async def positions_of(session: AsyncSession, community_code: str) -> Sequence[ClearingPosition]:
    """Return a community's unsettled positions, by counterparty."""
    rows = await session.execute(_POSITIONS, {"code": community_code})
    return [ClearingPosition(*row) for row in rows]


async def owed_by(session: AsyncSession, community_code: str) -> dict[str, int]:
    """Return what a community owes each other one (negative: is owed), in points, by its own book.

    A debt leaves the account only when its netting window is settled: so this counts all windows that are not, open,
    closed, computed and confirmed ones alike.
    """
    rows = await session.execute(text(OWED_BY), {"code": community_code})
    return {row.counterparty: row.owed for row in rows}


async def get_window(session: AsyncSession, number: int, *, lock: bool = False) -> NettingWindow:
    """Return a netting window.

    Args:
        session: The transaction.
        number: The window's.
        lock: Whether nobody else may change it until this transaction ends.

    Raises:
        WindowUnknown: There is none.
    """
    window = await session.get(NettingWindow, number, with_for_update=lock, populate_existing=lock)
    if window is None:
        raise WindowUnknown(number=number)
    return window


def overlaps(area: str) -> ColumnElement[bool]:
    """Say that a window is of this area, of one within it or around it: only these share communities."""
    return or_(NettingWindow.area.startswith(area), literal(area).startswith(NettingWindow.area))


async def debts_of(session: AsyncSession, number: int) -> list[Payment]:
    """Return each pair's difference in a window, debtor first."""
    rows = await session.scalars(
        select(NettingPosition)
        .where(NettingPosition.number == number, NettingPosition.owed > 0)
        .order_by(NettingPosition.community_code, NettingPosition.counterparty)
    )
    return [Payment(row.community_code, row.counterparty, row.owed) for row in rows]


async def payments_in(session: AsyncSession, number: int, community_code: str | None = None) -> list[Payment]:
    """Return who pays whom in a window: all, or what one community pays and gets."""
    rows = select(NettingPayment).where(NettingPayment.number == number)
    if community_code is not None:
        rows = rows.where(
            (NettingPayment.community_code == community_code) | (NettingPayment.creditor == community_code)
        )
    found = await session.scalars(rows.order_by(NettingPayment.community_code, NettingPayment.creditor))
    return [Payment(row.community_code, row.creditor, row.points) for row in found]


async def settlement_file(session: AsyncSession, number: int, community_code: str) -> str:
    """Write a community's settlement file of a window: CSV, the same bytes whenever it is asked for.

    Lines are `debt` (what it owes a counterparty; negative: is owed), `payment` (what it pays; negative: gets) and
    `net`, in points. The debts and the payments each add up to the net.
    """
    window = await get_window(session, number)
    owed = await session.scalars(
        select(NettingPosition)
        .where(
            NettingPosition.number == number,
            NettingPosition.community_code == community_code,
            NettingPosition.owed != 0,
        )
        .order_by(NettingPosition.counterparty)
    )
    debts = [(row.counterparty, row.owed) for row in owed]
    paid = [
        (each.creditor, each.points) if each.debtor == community_code else (each.debtor, -each.points)
        for each in await payments_in(session, number, community_code)
    ]
    lines = ["window,state,community,line,counterparty,points"]
    head = f"{number},{window.state},{community_code}"
    lines += [f"{head},debt,{counterparty},{points}" for counterparty, points in debts]
    lines += [f"{head},payment,{counterparty},{points}" for counterparty, points in sorted(paid)]
    lines.append(f"{head},net,{HOUSE},{sum(points for _, points in debts)}")
    return "\r\n".join(lines) + "\r\n"
