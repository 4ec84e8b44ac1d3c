"""Reads of anomalies."""

from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.anomalies.rules import (
    Bill,
    Buy,
    Finding,
    Presence,
    duplicate_invoices,
    ghost_attendances,
    split_purchases,
)
from services.operations.anomalies.tables import AttendanceTrace, Purchase
from services.operations.billing.tables import Settlement
from services.operations.contracts.tables import ContractParty
from shared.clock import CHINA, local_day


async def find_anomalies(session: AsyncSession, area: str, since: date) -> list[Finding]:
    """Return what looks wrong in an area since a day."""
    codes = (area.ljust(12, "0"), area.ljust(12, "9"))
    moment = datetime.combine(since, time(), CHINA)
    bought = select(Purchase).where(Purchase.community_code.between(*codes), Purchase.bought_on >= since)
    purchases = (await session.scalars(bought)).all()
    came = select(AttendanceTrace).where(
        AttendanceTrace.community_code.between(*codes), AttendanceTrace.came_at >= moment
    )
    presences = [
        Presence(str(row.attendance_id), row.activity_id, row.resident_id, row.came_at, row.left_at)
        for row in await session.scalars(came)
    ]
    bills = [Bill(str(p.id), p.provider_id, p.invoice_number, p.amount_fen, p.bought_on) for p in purchases]
    bills += await _settled(session, codes, moment)
    buys = [Buy(str(p.id), p.community_code, p.provider_id, p.category, p.amount_fen, p.bought_on) for p in purchases]
    return [*duplicate_invoices(bills), *split_purchases(buys), *ghost_attendances(presences)]


async def _settled(session: AsyncSession, codes: tuple[str, str], since: datetime) -> list[Bill]:
    rows = await session.execute(
        select(Settlement, ContractParty.provider_id)
        .join(
            ContractParty,
            (ContractParty.community_code == Settlement.community_code)
            & (ContractParty.contract_id == Settlement.contract_id),
        )
        .where(Settlement.community_code.between(*codes), Settlement.settled_at >= since)
    )
    return [
        Bill(f"{s.contract_id}/{s.line_no}/{s.seq}", seller, s.invoice_number, s.delivered_fen, local_day(s.settled_at))
        for s, seller in rows
    ]
