"""Sign a resident up for an activity."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CTE, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.queries import find_activity, find_sign_up
from services.scenarios.activities.rules import why_no_seat
from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.assistance.rules import DESK_ROLES, OnBehalf, admit
from services.scenarios.communities.queries import require_registered
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class TakeSeat:
    """A seat in an activity, for a resident of a community."""

    activity_id: uuid.UUID
    resident_community_code: str
    on_behalf: OnBehalf
    by: Identity
    now: datetime


async def sign_up(session: AsyncSession, command: TakeSeat) -> SignUp:
    """Take a seat. A refusal must roll the transaction or its savepoint back, as every edge does.

    Raises:
        ActivityUnseen: There is no such activity.
        OutOfScope: The caller is neither the resident, of that community, nor the desk of the activity's community.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        CommunityUnknown: The resident's community does not take part.
        AlreadySignedUp: The resident has a seat.
        ActivityFull: All seats are taken.
        ActivityOver: The activity is over.
    """
    activity = await find_activity(session, command.activity_id)
    at_desk = command.by.holds(activity.community_code, *DESK_ROLES)
    admit(command.on_behalf, by=command.by.subject, at_desk=at_desk, area=activity.community_code)
    if not at_desk:
        command.by.require(command.resident_community_code, "resident")
    await require_registered(session, command.resident_community_code)
    taken = await _take_seat(session, activity, command)
    if taken is None:
        raise why_no_seat(
            signed_up=await find_sign_up(session, activity, command.on_behalf.resident_id) is not None,
            ends_at=activity.ends_at,
            capacity=activity.capacity,
            now=command.now,
        )
    return taken


async def _take_seat(session: AsyncSession, activity: Activity, command: TakeSeat) -> SignUp | None:
    # One statement: the seat is counted only if there is one, and the activity's row is locked until the commit.
    # Whoever waited there for its own other sign-up meets the key: refused, and the refusal takes the count back.
    seat = _counted(activity, command.now)
    row = {
        "resident_id": command.on_behalf.resident_id,
        "resident_community_code": command.resident_community_code,
        "signed_up_at": command.now,
        **command.on_behalf.recorded(command.by.subject),
    }
    values = [literal(value, SignUp.__table__.c[name].type).label(name) for name, value in row.items()]
    taken: SignUp | None = await session.scalar(
        insert(SignUp)
        .from_select(["community_code", "activity_id", *row], select(seat.c.community_code, seat.c.id, *values))
        .on_conflict_do_nothing()
        .returning(SignUp)
    )
    return taken


def _counted(activity: Activity, now: datetime) -> CTE:
    return (
        update(Activity)
        .where(
            Activity.community_code == activity.community_code,
            Activity.id == activity.id,
            Activity.seats_taken < Activity.capacity,
            Activity.ends_at > now,
        )
        .values(seats_taken=Activity.seats_taken + 1)
        .returning(Activity.community_code, Activity.id)
        .cte("seat")
    )
