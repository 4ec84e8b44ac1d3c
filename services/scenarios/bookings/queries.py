"""Reads about bookings: what is free, what stands instead, and one booking."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES, subject_of
from services.scenarios.bookings.rules import (
    ALTERNATIVES_MAX,
    ALTERNATIVES_WITHIN,
    BookingUnseen,
    Offer,
    admit_period,
    check_search,
    claimed_period,
    free_periods,
    next_free,
)
from services.scenarios.bookings.tables import Booking, Cancellation, Claim
from services.scenarios.spaces.queries import find_space, terms_of
from services.scenarios.spaces.rules import Period
from services.scenarios.spaces.tables import Space
from shared.errors import Inadmissible
from shared.identity import Identity

SPACES_LOOKED_AT_MAX = 50
STANDING = Claim.state != literal_column("'released'")
"""Spelled out, or a prepared statement cannot use the exclusion constraint's partial index."""


async def find_booking(session: AsyncSession, booking_id: uuid.UUID, who: Identity) -> tuple[Booking, datetime | None]:
    """Return a booking that the caller may see, and when it was cancelled.

    Raises:
        BookingUnseen: There is none, or it is another resident's and the caller no staff of the community.
    """
    row = (
        await session.execute(
            select(Booking, Cancellation.cancelled_at)
            .outerjoin(
                Cancellation,
                (Cancellation.community_code == Booking.community_code) & (Cancellation.booking_id == Booking.id),
            )
            .where(Booking.id == booking_id)
        )
    ).one_or_none()
    if row is None or not (
        who.subject == subject_of(row.Booking.resident_id) or who.holds(row.Booking.community_code, *STAFF_ROLES)
    ):
        raise BookingUnseen(booking_id=str(booking_id))
    return row.Booking, row.cancelled_at


async def find_free(session: AsyncSession, space_id: uuid.UUID, within: Period, now: datetime) -> list[Period]:
    """Return when a space is free, from now on.

    Raises:
        SpaceUnseen: There is no such space.
        PeriodReversed: The period is empty or reversed.
        SearchTooLong: It spans too many days.
    """
    check_search(within)
    space = await find_space(session, space_id)
    ahead = (max(now, within[0]), within[1])
    return list(free_periods(terms_of(space), await _claims(session, space, ahead), ahead))


async def _claims(session: AsyncSession, space: Space, within: Period) -> list[Period]:
    start, end = within[0], within[1] + terms_of(space).buffer
    if end <= start:
        return []
    rows = await session.execute(
        select(func.lower(Claim.period), func.upper(Claim.period))
        .where(
            Claim.community_code == space.community_code,
            Claim.unit_id == space.id,
            STANDING,
            Claim.period.op("&&")(_range((start, end))),
        )
        .order_by(Claim.period)
    )
    return [(start, end) for start, end in rows]


def _range(period: Period) -> Range[datetime]:
    return Range(*period, bounds="[)")


async def find_next_free(session: AsyncSession, space: Space, period: Period, now: datetime) -> list[Period]:
    """Return the first periods, as long as the one asked for, in which the space is free."""
    around = (period[0] - timedelta(days=1), period[0] + ALTERNATIVES_WITHIN)  # from that day's opening
    return next_free(terms_of(space), await _claims(session, space, around), period, now)


async def find_other_spaces(session: AsyncSession, space: Space, period: Period, now: datetime) -> Sequence[Offer]:
    """Return other spaces of the community that may be booked for the same period."""
    nearby = await session.scalars(
        select(Space)
        .where(Space.community_code == space.community_code, Space.id != space.id)
        .order_by(Space.id)
        .limit(SPACES_LOOKED_AT_MAX)
    )
    offers = {s.id: Offer(s.id, s.name, terms_of(s)) for s in nearby if _would_admit(s, period, now)}
    if not offers:
        return []
    taken = await session.execute(
        select(Claim.unit_id, func.lower(Claim.period)).where(
            Claim.community_code == space.community_code,
            Claim.unit_id.in_(offers),
            STANDING,
            Claim.period.op("&&")(_range((period[0], period[1] + max(o.terms.buffer for o in offers.values())))),
        )
    )
    for unit_id, starts_at in taken:
        if unit_id in offers and starts_at < claimed_period(offers[unit_id].terms, period)[1]:
            del offers[unit_id]
    return list(offers.values())[:ALTERNATIVES_MAX]


def _would_admit(space: Space, period: Period, now: datetime) -> bool:
    try:
        admit_period(terms_of(space), period, now)
    except Inadmissible:
        return False
    return True
