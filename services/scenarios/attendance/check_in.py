"""Check a resident in to an activity."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.attendance.queries import Attend, find_seat, times
from services.scenarios.attendance.rules import AlreadyCheckedIn, moment_of
from services.scenarios.attendance.tables import CheckIn


async def check_in(session: AsyncSession, command: Attend) -> CheckIn:
    """Note that a resident came.

    Raises:
        Refusal: The caller may not, or the resident has no seat (see `find_seat`).
        TimeNotAllowed: A time was given without paper, or one to come.
        OutsideActivity: It is too early or too late.
        AlreadyCheckedIn: The resident is checked in.
    """
    activity, seat = await find_seat(session, command)
    at = moment_of(command.at, command.on_behalf.channel, times(activity), command.now)
    checked_in: CheckIn | None = await session.scalar(
        insert(CheckIn)
        .values(
            community_code=seat.community_code,
            activity_id=seat.activity_id,
            resident_id=seat.resident_id,
            checked_in_at=at,
            **command.on_behalf.recorded(command.by.subject),
        )
        .on_conflict_do_nothing()
        .returning(CheckIn)
    )
    if checked_in is None:
        raise AlreadyCheckedIn
    return checked_in
