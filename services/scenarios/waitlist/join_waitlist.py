"""Wait for seats in an activity."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.queries import find_activity, find_sign_up
from services.scenarios.activities.rules import counted_as, seats_for
from services.scenarios.activities.tables import Activity
from services.scenarios.communities.queries import require_registered
from services.scenarios.waitlist.promote import cut_off, promote, seats_of
from services.scenarios.waitlist.rules import OTHERS, OWN, AlreadyWaiting, PartyTooLarge, SeatsFree, WaitlistClosed
from services.scenarios.waitlist.tables import STANDING, WaitlistEntry
from shared.assistance import DESK_ROLES, OnBehalf, admit
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class JoinWaitlist:
    """A party that waits for seats together."""

    activity_id: uuid.UUID
    resident_community_code: str
    on_behalf: OnBehalf
    party_size: int
    category: str
    by: Identity
    now: datetime


async def join_waitlist(session: AsyncSession, command: JoinWaitlist) -> WaitlistEntry:
    """Put a party at the end of its priority class.

    Raises:
        ActivityUnseen: There is no such activity.
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        CommunityUnknown: The resident's community does not take part, so that it could not take a seat.
        WaitlistClosed: The cut-off is past.
        PartyTooLarge: The party would not fit into the whole activity.
        AlreadyWaiting: The resident waits or has a seat.
        SeatsFree: There are seats, and nobody waits for them.
    """
    activity = await find_activity(session, command.activity_id)
    at_desk = command.by.holds(activity.community_code, *DESK_ROLES)
    admit(command.on_behalf, by=command.by.subject, at_desk=at_desk, area=activity.community_code)
    if not at_desk:
        command.by.require(command.resident_community_code, "resident")
    await require_registered(session, command.resident_community_code)
    activity = await promote(session, activity.community_code, activity.id, command.now)
    await _admit_party(session, activity, command)
    entry = WaitlistEntry(
        community_code=activity.community_code,
        activity_id=activity.id,
        resident_id=command.on_behalf.resident_id,
        resident_community_code=command.resident_community_code,
        party_size=command.party_size,
        category=command.category,
        priority=OWN if command.resident_community_code == activity.community_code else OTHERS,
        place=await _next_place(session, activity),
        state="waiting",
        joined_at=command.now,
        **command.on_behalf.recorded(command.by.subject),
    )
    session.add(entry)
    await session.flush()
    await promote(session, activity.community_code, activity.id, command.now)
    return entry


async def _admit_party(session: AsyncSession, activity: Activity, command: JoinWaitlist) -> None:
    if command.now >= cut_off(activity):
        raise WaitlistClosed(closed_at=cut_off(activity).isoformat())
    counted = counted_as(command.category, command.on_behalf.channel)
    others = sum(seats for quota, seats in activity.quotas.items() if quota not in counted)
    if command.party_size > activity.capacity - others:
        raise PartyTooLarge(seats=activity.capacity - others)
    waits = await session.scalar(
        select(WaitlistEntry.id).where(
            WaitlistEntry.community_code == activity.community_code,
            WaitlistEntry.activity_id == activity.id,
            WaitlistEntry.resident_id == command.on_behalf.resident_id,
            STANDING,
        )
    )
    if waits or await find_sign_up(session, activity, command.on_behalf.resident_id):
        raise AlreadyWaiting
    if not activity.waiting and command.party_size <= seats_for(seats_of(activity, command.now), counted):
        raise SeatsFree


async def _next_place(session: AsyncSession, activity: Activity) -> int:
    last = await session.scalar(
        select(func.max(WaitlistEntry.place)).where(
            WaitlistEntry.community_code == activity.community_code, WaitlistEntry.activity_id == activity.id
        )
    )
    return (last or 0) + 1
