"""Give seats up."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.queries import find_activity, find_sign_up
from services.scenarios.activities.rules import ActivityOver, NoSeat, counted_as
from services.scenarios.activities.tables import SignUp, Withdrawal
from services.scenarios.waitlist.promote import count_seats, promote
from shared.assistance import DESK_ROLES, OnBehalf, admit
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A resident's seats that others may have."""

    activity_id: uuid.UUID
    on_behalf: OnBehalf
    by: Identity
    now: datetime


async def withdraw(session: AsyncSession, command: Withdraw) -> SignUp:
    """Give a party's seats up; who waits is offered them at once.

    Raises:
        ActivityUnseen: There is no such activity.
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        ActivityOver: It has begun.
        NoSeat: The resident has none.
    """
    activity = await find_activity(session, command.activity_id)
    at_desk = command.by.holds(activity.community_code, *DESK_ROLES)
    admit(command.on_behalf, by=command.by.subject, at_desk=at_desk, area=activity.community_code)
    if activity.starts_at <= command.now:
        raise ActivityOver
    activity = await promote(session, activity.community_code, activity.id, command.now)
    seat = await find_sign_up(session, activity, command.on_behalf.resident_id)
    if seat is None:
        raise NoSeat
    seat.state = "withdrawn"
    count_seats(activity, counted_as(seat.category, seat.channel), -seat.party_size)
    session.add(
        Withdrawal(
            community_code=activity.community_code,
            activity_id=activity.id,
            resident_id=seat.resident_id,
            party_size=seat.party_size,
            withdrawn_at=command.now,
            **command.on_behalf.recorded(command.by.subject),
        )
    )
    await session.flush()
    await promote(session, activity.community_code, activity.id, command.now)
    return seat
