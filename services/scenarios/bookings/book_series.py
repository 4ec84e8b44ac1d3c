"""Book a space time and again, by a rule."""

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.availability.queries import hold_bookable
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.queries import lock_quota
from services.scenarios.bookings.rules import SeriesConflicts, conflict, occurrences
from services.scenarios.bookings.tables import Booking, Series
from services.scenarios.claims.claim_units import lock_units
from shared.assistance import DESK_ROLES, admit
from shared.errors import Conflict, Inadmissible


@dataclass(frozen=True, slots=True)
class BookSeries:
    """A recurrence rule over a first booking.

    Attributes:
        skip: Leave out what cannot be had; otherwise it is all or nothing.
    """

    first: Book
    rule: str
    skip: bool


async def book_series(session: AsyncSession, command: BookSeries) -> tuple[Series, list[Booking], list[dict[str, str]]]:
    """Book each occurrence, and return the series, its bookings, and what was left out.

    Raises:
        RuleInadmissible: The rule cannot be booked by.
        SeriesConflicts: Something cannot be had and nothing was to be skipped, or nothing can be had at all.
        Refusal: The caller may not book (see `book`).
    """
    first = command.first
    periods = occurrences(command.rule, first.period)
    space = await hold_bookable(session, first.space_id)
    at_desk = first.by.holds(space.community_code, *DESK_ROLES)
    admit(first.on_behalf, by=first.by.subject, at_desk=at_desk, area=space.community_code)
    await lock_quota(session, space.community_code, first.on_behalf.resident_id)
    await lock_units(session, space.unit_ids)  # several periods of one space: in turn, or two series meet half-way
    series = Series(
        community_code=space.community_code,
        space_id=space.id,
        resident_id=first.on_behalf.resident_id,
        rule=command.rule,
        booked_at=first.now,
        **first.on_behalf.recorded(first.by.subject),
    )
    session.add(series)
    await session.flush()
    booked: list[Booking] = []
    left_out: list[dict[str, str]] = []
    for period in periods:
        try:
            async with session.begin_nested():
                booked.append(await book(session, replace(first, period=period, series_id=series.id)))
        except (Conflict, Inadmissible) as refusal:
            left_out.append(conflict(period, refusal))
    if not booked or (left_out and not command.skip):
        raise SeriesConflicts(count=len(left_out), conflicts=left_out)
    return series, booked, left_out
