"""Change a series from one of its bookings on."""

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.availability.queries import hold_bookable
from services.scenarios.bookings.queries import find_booking, find_following
from services.scenarios.bookings.reschedule import Reschedule, reschedule
from services.scenarios.bookings.rules import SeriesConflicts, SeriesUnseen, conflict
from services.scenarios.bookings.tables import Booking
from shared.errors import Conflict, Inadmissible


@dataclass(frozen=True, slots=True)
class EditFollowing:
    """Another time for one booking of a series, and the same change for all that follow.

    Attributes:
        to: The first of them, and where it is moved.
        skip: Leave as it is what cannot be moved; otherwise it is all or nothing.
    """

    to: Reschedule
    skip: bool


async def edit_following(
    session: AsyncSession, command: EditFollowing
) -> tuple[uuid.UUID, list[Booking], list[dict[str, str]]]:
    """Move a booking and those of its series that follow; each keeps its id. Return the series, them, and the rest.

    Raises:
        BookingUnseen, SeriesUnseen: There is none that the caller may see, or it is of no series.
        SpaceRetired: The space takes no new bookings.
        SeriesConflicts: Something cannot be moved and nothing was to be skipped, or nothing can be moved at all.
        Refusal: The caller may not (see `reschedule`).
    """
    first = await find_booking(session, command.to.booking_id, command.to.by)
    if first.series_id is None:
        raise SeriesUnseen(series_id="")
    await hold_bookable(session, first.space_id)
    following = await find_following(session, first.series_id, first.starts_at, command.to.by)
    shift = command.to.period[0] - first.starts_at
    length = command.to.period[1] - command.to.period[0]
    moved: list[Booking] = []
    left: list[dict[str, str]] = []
    # Towards the later the last goes first, or each would run into the next of its own series.
    for booking in reversed(following) if shift > timedelta() else following:
        period = (booking.starts_at + shift, booking.starts_at + shift + length)
        try:
            async with session.begin_nested():
                moved.append(await reschedule(session, replace(command.to, booking_id=booking.id, period=period)))
        except (Conflict, Inadmissible) as refusal:
            left.append(conflict(period, refusal))
    if not moved or (left and not command.skip):
        raise SeriesConflicts(count=len(left), conflicts=left)
    return first.series_id, sorted(moved, key=lambda booking: booking.starts_at), left
