"""Release what nobody came to."""

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.arrivals.queries import find_excuse
from services.scenarios.arrivals.tables import Arrival, CheckInPolicy, NoShow
from services.scenarios.bookings.tables import Booking
from services.scenarios.claims.claim_units import release_units
from shared.events.scenarios import BookingMissed
from shared.outbox import publish

BATCH = 100
LOOK_BACK = timedelta(days=2)
"""How long the worker may have been away and still notes who did not come."""


async def release_missed(session: AsyncSession, now: datetime) -> int:
    """Note the bookings whose time to arrive has passed as missed, free their slots, and tell so; returns how many."""
    locked = (await session.scalars(_overdue(now))).all()
    # Asked again: who arrived while this waited for the lock is not seen by the statement that waited.
    ids = [booking.id for booking in locked]
    came = set(await session.scalars(select(Arrival.booking_id).where(Arrival.booking_id.in_(ids))))
    bookings = [booking for booking in locked if booking.id not in came]
    for booking in bookings:
        session.add(
            NoShow(
                community_code=booking.community_code,
                id=booking.id,
                booking_id=booking.id,
                resident_id=booking.resident_id,
                missed_at=now,
                excused_because=await find_excuse(session, booking.community_code, booking.resident_id, now),
            )
        )
        await release_units(session, booking.community_code, booking.id)
        await publish(session, _missed(booking, now))
    await session.flush()
    return len(bookings)


def _overdue(now: datetime) -> Select[Booking]:
    same = (CheckInPolicy.community_code == Booking.community_code) & (CheckInPolicy.space_id == Booking.space_id)
    return (
        select(Booking)
        .join(CheckInPolicy, same)
        .where(
            Booking.state == "confirmed",
            Booking.function != "emergency",  # nobody misses what was taken over
            Booking.starts_at > now - LOOK_BACK,
            Booking.starts_at >= CheckInPolicy.set_at,
            Booking.starts_at + CheckInPolicy.grace_minutes * func.make_interval(0, 0, 0, 0, 0, 1) <= now,
            ~exists().where(Arrival.community_code == Booking.community_code, Arrival.booking_id == Booking.id),
            ~exists().where(NoShow.community_code == Booking.community_code, NoShow.booking_id == Booking.id),
        )
        .order_by(Booking.id)
        .limit(BATCH)
        .with_for_update(of=Booking, skip_locked=True)
    )


def _missed(booking: Booking, now: datetime) -> BookingMissed:
    return BookingMissed(
        community_code=booking.community_code,
        booking_id=booking.id,
        space_id=booking.space_id,
        resident_id=booking.resident_id,
        released_from=now,
        released_until=booking.ends_at,
    )
