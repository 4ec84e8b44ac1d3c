"""Reads about tariffs and payments."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.tables import AgeBand
from services.scenarios.bookings.tables import Booking
from services.scenarios.tariffs.rules import Charge, Tariff, Task, charge_for
from services.scenarios.tariffs.tables import Payment, TariffRow
from shared.events.scenarios import PaymentStepRequested

DUE_MAX = 200
# Not answered for, and something to do: a step of the saga, or the booking is over and the points are to go back.
_DUE = text("""
    SELECT p.community_code, p.booking_id
    FROM payment p JOIN booking b ON b.community_code = p.community_code AND b.id = p.booking_id
    WHERE NOT p.waiting AND (p.done > 0 OR NOT p.undoing) AND (
        p.undoing OR b.state IN ('cancelled', 'declined') OR b.expires_at <= :now
        OR (p.done < 3 AND b.state IN ('held', 'confirmed')))
    ORDER BY p.hold_until LIMIT :most
""")


async def find_tariff(session: AsyncSession, community_code: str, space_id: uuid.UUID) -> Tariff | None:
    """Return what a space costs, if anything."""
    row = await session.get(TariffRow, (community_code, space_id))
    if row is None:
        return None
    return Tariff(row.fen_per_hour, row.fen_cap, row.points_per_hour, row.points_cap, frozenset(row.free_for))


async def find_charge(session: AsyncSession, booking: Booking) -> Charge:
    """Return what a booking costs."""
    band = await session.get(AgeBand, (booking.community_code, booking.resident_id))
    minutes = int((booking.ends_at - booking.starts_at).total_seconds()) // 60
    tariff = await find_tariff(session, booking.community_code, booking.space_id)
    return charge_for(tariff, minutes, band.band if band else None)


async def find_payment(
    session: AsyncSession, community_code: str, booking_id: uuid.UUID, *, lock: bool = False
) -> Payment | None:
    """Return a booking's payment in points, if there is one; if asked for, locked until the end of the transaction."""
    key = (community_code, booking_id)
    return await session.get(Payment, key, populate_existing=lock, with_for_update=lock)


async def find_due_payments(session: AsyncSession, now: datetime) -> Sequence[tuple[str, uuid.UUID]]:
    """Return payments for which something is to be done."""
    rows = await session.execute(_DUE, {"now": now, "most": DUE_MAX})
    return [(row.community_code, row.booking_id) for row in rows]


def request_of(payment: Payment, task: Task) -> PaymentStepRequested:
    """Return what the points service is asked."""
    return PaymentStepRequested(
        community_code=payment.community_code,
        booking_id=payment.booking_id,
        resident_id=payment.resident_id,
        step=task,
        points=payment.points,
        hold_until=payment.hold_until,
    )
