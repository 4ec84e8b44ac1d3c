"""Reads about arrivals: a space's policy, the day's roll, and who missed a booking."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.arrivals.rules import NoShowUnseen
from services.scenarios.arrivals.tables import Arrival, CheckInPolicy, NoShow
from services.scenarios.assistance.rules import STAFF_ROLES, subject_of
from services.scenarios.bookings.tables import Booking
from services.scenarios.spaces.tables import Space
from shared.clock import Period
from shared.identity import Identity


async def find_policy(session: AsyncSession, community_code: str, space_id: uuid.UUID) -> CheckInPolicy | None:
    """Return how one checks in to a space, if one does."""
    return await session.get(CheckInPolicy, (community_code, space_id))


async def list_day(session: AsyncSession, space: Space, day: Period) -> Sequence[tuple[Booking, Arrival | None]]:
    """Return the roll of a day: the bookings of a space that stand, in order, each with its arrival."""
    rows = await session.execute(
        select(Booking, Arrival)
        .outerjoin(Arrival, (Arrival.community_code == Booking.community_code) & (Arrival.booking_id == Booking.id))
        .where(
            Booking.community_code == space.community_code,
            Booking.space_id == space.id,
            Booking.starts_at >= day[0],
            Booking.starts_at < day[1],
            Booking.state == "confirmed",
        )
        .order_by(Booking.starts_at)
    )
    return [(booking, arrival) for booking, arrival in rows]


async def find_no_show(session: AsyncSession, booking_id: uuid.UUID, who: Identity) -> NoShow:
    """Return a missed booking that the caller may see, locked until the end of the transaction.

    Raises:
        NoShowUnseen: There is none, or it is another resident's and the caller no staff of the community.
    """
    found = await session.scalar(select(NoShow).where(NoShow.booking_id == booking_id).with_for_update())
    if found is None or not (
        who.subject == subject_of(found.resident_id) or who.holds(found.community_code, *STAFF_ROLES)
    ):
        raise NoShowUnseen(booking_id=str(booking_id))
    return found
