"""Reads about bookings."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES, subject_of
from services.scenarios.bookings.rules import BookingUnseen
from services.scenarios.bookings.tables import Booking
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
