"""Reads about bookings."""

import uuid
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.arrivals.rules import BookingLimited, Standing, standing
from services.scenarios.assistance.rules import ASSISTED_CHANNELS, STAFF_ROLES, ReservedForAssisted, subject_of
from services.scenarios.bookings.rules import BookingUnseen
from services.scenarios.bookings.tables import Booking
from shared.clock import CHINA, Period
from shared.events.scenarios import BookingConfirmed
from shared.identity import Identity


async def find_booking(session: AsyncSession, booking_id: uuid.UUID, who: Identity) -> Booking:
    """Return a booking that the caller may see.

    Raises:
        BookingUnseen: There is none, or it is another resident's and the caller no staff of the community.
    """
    booking = await session.scalar(select(Booking).where(Booking.id == booking_id))
    if booking is None or not (
        who.subject == subject_of(booking.resident_id) or who.holds(booking.community_code, *STAFF_ROLES)
    ):
        raise BookingUnseen(booking_id=str(booking_id))
    return booking


def confirmed(booking: Booking) -> BookingConfirmed:
    """Return what is told of a booking that is confirmed."""
    return BookingConfirmed(
        community_code=booking.community_code,
        booking_id=booking.id,
        space_id=booking.space_id,
        resident_id=booking.resident_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        channel=booking.channel,
    )


_MISSED = text("""
    SELECT missed_at FROM no_show
    WHERE community_code = :community_code AND resident_id = :resident_id AND excused_because IS NULL
""")


async def find_standing(session: AsyncSession, community_code: str, resident_id: uuid.UUID, now: datetime) -> Standing:
    """Return where a resident stands in a community by the bookings it has missed."""
    missed = await session.scalars(_MISSED, {"community_code": community_code, "resident_id": resident_id})
    return standing(missed, now)


async def require_unlimited(session: AsyncSession, community_code: str, resident_id: uuid.UUID, now: datetime) -> None:
    """Refuse a booking of a resident who may not book for a while.

    Raises:
        BookingLimited: Too many bookings were missed lately.
    """
    found = await find_standing(session, community_code, resident_id, now)
    if found.limited_until:
        raise BookingLimited(missed=found.missed, limited_until=found.limited_until.isoformat())


_RESERVED = text("""
    SELECT release_hours FROM assisted_reserve
    WHERE community_code = :community_code AND space_id = :space_id AND from_minute < :to_minute
      AND to_minute > :from_minute
      AND CAST(:starts_at AS timestamptz) - make_interval(hours => release_hours::int) > :now
""")


async def require_unreserved(
    session: AsyncSession, space: tuple[str, uuid.UUID], period: Period, channel: str, now: datetime
) -> None:
    """Refuse a resident's own channels the hours that are kept for assisted ones; the space by its community and id.

    Raises:
        ReservedForAssisted: They are kept, and it is not yet shortly before the start.
    """
    if channel in ASSISTED_CHANNELS:
        return
    start, end = (moment.astimezone(CHINA) for moment in period)
    from_minute = start.hour * 60 + start.minute
    asked = {
        "community_code": space[0],
        "space_id": space[1],
        "from_minute": from_minute,
        "to_minute": from_minute + int((end - start).total_seconds()) // 60,
        "starts_at": period[0],
        "now": now,
    }
    release_hours = await session.scalar(_RESERVED, asked)
    if release_hours is not None:
        raise ReservedForAssisted(release_hours=release_hours)
