"""Reads about bookings."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES, subject_of
from services.scenarios.bookings.rules import BookingUnseen, SeriesUnseen
from services.scenarios.bookings.tables import Booking
from shared.events.scenarios import BookingConfirmed
from shared.identity import Identity
from shared.pagination import BadCursor, decode_cursor, encode_cursor


async def find_booking(session: AsyncSession, booking_id: uuid.UUID, who: Identity) -> Booking:
    """Return a booking that the caller may see.

    Raises:
        BookingUnseen: There is none, or it is another resident's and the caller no staff of the community.
    """
    booking = await session.scalar(select(Booking).where(Booking.id == booking_id))
    if booking is None or not _sees(who, booking):
        raise BookingUnseen(booking_id=str(booking_id))
    return booking


async def list_bookings(
    session: AsyncSession,
    resident_id: uuid.UUID,
    within: tuple[str | None, datetime],
    cursor: str | None,
    page_size: int,
) -> tuple[Sequence[Booking], str | None]:
    """Return a page of a resident's bookings that end after a moment, soonest first, and the cursor of the next page.

    Args:
        session: The transaction.
        resident_id: Whose.
        within: Of which community, or of all; and from which moment on.
        cursor: Of the page before.
        page_size: How many.

    Raises:
        BadCursor: The cursor is not one of such a list.
    """
    community_code, since = within
    query = select(Booking).where(Booking.resident_id == resident_id, Booking.ends_at > since)
    if community_code:
        query = query.where(Booking.community_code == community_code)
    if cursor:
        query = query.where(tuple_(Booking.starts_at, Booking.id) > tuple_(*_position(cursor)))
    rows = (await session.scalars(query.order_by(Booking.starts_at, Booking.id).limit(page_size + 1))).all()
    page = rows[:page_size]
    more = len(rows) > page_size
    return page, encode_cursor(page[-1].starts_at.isoformat(), str(page[-1].id)) if more else None


def _position(cursor: str) -> tuple[datetime, uuid.UUID]:
    starts_at, booking_id = decode_cursor(cursor, str, str)
    try:
        return datetime.fromisoformat(str(starts_at)), uuid.UUID(str(booking_id))
    except ValueError as error:
        raise BadCursor from error


async def find_following(session: AsyncSession, series_id: uuid.UUID, since: datetime, who: Identity) -> list[Booking]:
    """Return the standing bookings of a series that start at a moment or later, soonest first.

    Raises:
        SeriesUnseen: There are none that the caller may see.
    """
    found = await session.scalars(
        select(Booking)
        .where(Booking.series_id == series_id, Booking.starts_at >= since)
        .where(Booking.state.in_(("requested", "confirmed")))
        .order_by(Booking.starts_at)
    )
    following = [booking for booking in found if _sees(who, booking)]
    if not following:
        raise SeriesUnseen(series_id=str(series_id))
    return following


def _sees(who: Identity, booking: Booking) -> bool:
    return who.subject == subject_of(booking.resident_id) or who.holds(booking.community_code, *STAFF_ROLES)


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
