"""Reads about attendance."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.queries import find_activity, find_sign_up
from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.attendance.rules import NotSignedUp, Period, check_code
from shared.assistance import DESK_ROLES, OnBehalf, admit, subject_of
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class Attend:
    """A resident comes to an activity, or leaves it.

    Attributes:
        code: The activity's code, which a resident shows that checks itself in or out.
        at: When it was, if entered from a paper list.
    """

    activity_id: uuid.UUID
    on_behalf: OnBehalf
    code: str | None
    at: datetime | None
    by: Identity
    now: datetime


async def find_seat(session: AsyncSession, command: Attend) -> tuple[Activity, SignUp]:
    """Return the activity and the resident's seat, if the caller may check the resident in and out.

    Raises:
        ActivityUnseen: There is no such activity.
        OutOfScope: The caller is neither the resident nor the desk of the community.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        WrongCode: The resident did not show the activity's code.
        NotSignedUp: The resident has no seat.
    """
    activity = await find_activity(session, command.activity_id)
    at_desk = command.by.holds(activity.community_code, *DESK_ROLES)
    admit(command.on_behalf, by=command.by.subject, at_desk=at_desk, area=activity.community_code)
    itself = command.by.subject == subject_of(command.on_behalf.resident_id)
    check_code(command.code, activity.code, itself=itself)
    seat = await find_sign_up(session, activity, command.on_behalf.resident_id, lock=True)
    if seat is None:
        raise NotSignedUp
    return activity, seat


def times(activity: Activity) -> Period:
    """Return from when until when an activity is."""
    return activity.starts_at, activity.ends_at
