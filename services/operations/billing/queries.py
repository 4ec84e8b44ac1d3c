"""Reads of billing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.billing.rules import LineUnseen, Period, due_fen, periods
from services.operations.billing.tables import Delivery, RetentionRelease, Settlement
from services.operations.contracts.queries import Sealed, at, sealed_versions
from services.operations.contracts.tables import Contract
from services.operations.terms.rules import Fee
from shared.clock import local_day


@dataclass(frozen=True, slots=True)
class Bill:
    """What a fee comes to for a period, by the version that held on its first day."""

    holds: Sealed
    fee: Fee
    period: Period
    due_fen: int


async def bills(session: AsyncSession, contract: Contract, today: date, now: datetime) -> list[Bill]:
    """Return the bills of a contract's fees for the periods that ended before a day, in their order.

    The periods are those of the newest version's term; each costs what the version says that held when it began.
    """
    sealed = await sealed_versions(session, contract)
    newest = at(sealed, date.max, now)
    lines = newest.terms.lines if newest else ()
    found = [
        _bill(at(sealed, period.first, now), line.no, period)
        for line in lines
        if newest and isinstance(line, Fee)
        for period in periods(newest.terms.starts_on, newest.terms.ends_on, line.every_months)
        if period.last < today
    ]
    return [bill for bill in found if bill]


def _bill(holds: Sealed | None, line_no: int, period: Period) -> Bill | None:
    fees = [line for line in holds.terms.lines if isinstance(line, Fee) and line.no == line_no] if holds else []
    if holds is None or not fees:
        return None
    return Bill(holds, fees[0], period, due_fen(fees[0].amount_fen, period))


async def require_bill(session: AsyncSession, contract: Contract, line_no: int, seq: int, now: datetime) -> Bill:
    """Return the bill of a period that has ended.

    Raises:
        LineUnseen: There is none.
    """
    for bill in await bills(session, contract, local_day(now), now):
        if (bill.fee.no, bill.period.seq) == (line_no, seq):
            return bill
    raise LineUnseen(line_no=line_no, seq=seq)


async def delivery(session: AsyncSession, contract: Contract, line_no: int, seq: int) -> Delivery | None:
    """Return what was delivered of a period; None when nobody has verified anything."""
    return await session.get(Delivery, (contract.community_code, contract.id, line_no, seq))


async def settlements(session: AsyncSession, contract: Contract) -> Sequence[Settlement]:
    """Return what was settled of a contract."""
    rows = select(Settlement).where(
        Settlement.community_code == contract.community_code, Settlement.contract_id == contract.id
    )
    return (await session.scalars(rows.order_by(Settlement.line_no, Settlement.seq))).all()


async def retained(session: AsyncSession, contract: Contract) -> int:
    """Return what was kept back of a contract's fees, in fen."""
    total = await session.scalar(
        select(func.coalesce(func.sum(Settlement.retained_fen), 0)).where(
            Settlement.community_code == contract.community_code, Settlement.contract_id == contract.id
        )
    )
    return int(total or 0)


async def is_released(session: AsyncSession, contract: Contract) -> bool:
    """Tell whether what was kept back has been released, which happens once."""
    return await session.get(RetentionRelease, (contract.community_code, contract.id)) is not None
