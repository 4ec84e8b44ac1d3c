"""Check a resident out of an activity."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.attendance.queries import Attend, find_seat, times
from services.scenarios.attendance.rules import AlreadyCheckedOut, NotCheckedIn, count_minutes, moment_of
from services.scenarios.attendance.tables import CheckIn, CheckOut
from shared.events.scenarios import AttendanceCompleted
from shared.outbox import publish


async def check_out(session: AsyncSession, command: Attend) -> AttendanceCompleted:
    """Note that a resident left, and tell how long it took part.

    Raises:
        Refusal: The caller may not, or the resident has no seat (see `find_seat`).
        TimeNotAllowed: A time was given without paper, or one to come.
        OutsideActivity: It is too early or too late.
        NotCheckedIn: The resident has not checked in.
        OutBeforeIn: The paper has the resident leave before it came.
        AlreadyCheckedOut: The resident has checked out.
    """
    activity, seat = await find_seat(session, command)
    at = moment_of(command.at, command.on_behalf.channel, times(activity), command.now)
    came = await session.get(CheckIn, (seat.community_code, seat.activity_id, seat.resident_id))
    if came is None:
        raise NotCheckedIn
    completed = _completed(activity, seat, came, at)
    await _note(session, command, completed)
    await publish(session, completed)
    return completed


def _completed(activity: Activity, seat: SignUp, came: CheckIn, left_at: datetime) -> AttendanceCompleted:
    return AttendanceCompleted(
        community_code=seat.community_code,
        attendance_id=came.attendance_id,
        activity_id=seat.activity_id,
        activity_kind=activity.kind,
        resident_id=seat.resident_id,
        resident_community_code=seat.resident_community_code,
        checked_in_at=came.checked_in_at,
        checked_out_at=left_at,
        minutes=count_minutes((came.checked_in_at, left_at), times(activity)),
    )


async def _note(session: AsyncSession, command: Attend, completed: AttendanceCompleted) -> None:
    noted = await session.scalar(
        insert(CheckOut)
        .values(
            community_code=completed.community_code,
            activity_id=completed.activity_id,
            resident_id=completed.resident_id,
            checked_in_at=completed.checked_in_at,
            checked_out_at=completed.checked_out_at,
            minutes=completed.minutes,
            **command.on_behalf.recorded(command.by.subject),
        )
        .on_conflict_do_nothing()
        .returning(CheckOut.minutes)
    )
    if noted is None:
        raise AlreadyCheckedOut
