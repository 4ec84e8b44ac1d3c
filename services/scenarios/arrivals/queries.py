"""Reads about arrivals: a space's policy, the day's roll, and who missed a booking."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.arrivals.rules import NoShowUnseen
from services.scenarios.arrivals.tables import Arrival, CheckInPolicy, Exemption, NoShow
from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.attendance.tables import CheckIn
from services.scenarios.bookings.tables import Booking
from services.scenarios.spaces.tables import Space
from shared.assistance import subject_of
from shared.clock import Period
from shared.identity import Identity

NO_SHOWS_MAX = 50
ACTIVITIES_MAX = 100


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


async def find_excuse(session: AsyncSession, community_code: str, resident_id: uuid.UUID, now: datetime) -> str | None:
    """Return why what a resident misses now does not count, if so."""
    exempt = exists().where(
        Exemption.community_code == community_code, Exemption.resident_id == resident_id, Exemption.until > now
    )
    return "exempt" if await session.scalar(select(exempt)) else None


async def find_no_show(session: AsyncSession, no_show_id: uuid.UUID, who: Identity) -> NoShow:
    """Return a no-show that the caller may see, locked until the end of the transaction.

    Raises:
        NoShowUnseen: There is none, or it is another resident's and the caller no staff of the community.
    """
    found = await session.scalar(select(NoShow).where(NoShow.id == no_show_id).with_for_update())
    if found is None or not (
        who.subject == subject_of(found.resident_id) or who.holds(found.community_code, *STAFF_ROLES)
    ):
        raise NoShowUnseen(no_show_id=str(no_show_id))
    return found


async def list_no_shows(session: AsyncSession, community_code: str, resident_id: uuid.UUID) -> Sequence[NoShow]:
    """Return what a resident has missed in a community, latest first, as far as it can matter."""
    found = await session.scalars(
        select(NoShow)
        .where(NoShow.community_code == community_code, NoShow.resident_id == resident_id)
        .order_by(NoShow.missed_at.desc())
        .limit(NO_SHOWS_MAX)
    )
    return found.all()


async def find_unattended(session: AsyncSession, now: datetime) -> Sequence[tuple[str, uuid.UUID]]:
    """Return activities under way that have seats to which nobody came in time."""
    same = (SignUp.community_code == Activity.community_code) & (SignUp.activity_id == Activity.id)
    rows = await session.execute(
        select(Activity.community_code, Activity.id)
        .join(SignUp, same)
        .where(Activity.ends_at > now, overdue_seats(now))
        .distinct()
        .limit(ACTIVITIES_MAX)
    )
    return [(code, activity_id) for code, activity_id in rows]


def overdue_seats(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a seat, joined to its activity, waits for its party no more."""
    grace = Activity.grace_minutes * func.make_interval(0, 0, 0, 0, 0, 1)
    came = exists().where(
        CheckIn.community_code == SignUp.community_code,
        CheckIn.activity_id == SignUp.activity_id,
        CheckIn.resident_id == SignUp.resident_id,
    )
    due = func.greatest(Activity.starts_at, SignUp.signed_up_at) + grace <= now
    return (SignUp.state == "seated") & due & ~came
