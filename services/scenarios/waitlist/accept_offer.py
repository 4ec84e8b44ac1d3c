"""Answer an offer of seats."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.rules import counted_as
from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.waitlist.promote import count_seats, promote
from services.scenarios.waitlist.queries import find_entry
from services.scenarios.waitlist.rules import NoOffer
from services.scenarios.waitlist.tables import WaitlistEntry
from shared.assistance import DESK_ROLES, Channel, Consent, OnBehalf, admit
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class AnswerOffer:
    """An answer to an offer, on a resident's behalf."""

    entry_id: uuid.UUID
    channel: Channel
    consent: Consent | None
    by: Identity
    now: datetime

    def on_behalf(self, entry: WaitlistEntry) -> OnBehalf:
        """Return whom it is for."""
        return OnBehalf(entry.resident_id, self.channel, self.consent)


async def _find(session: AsyncSession, command: AnswerOffer) -> tuple[WaitlistEntry, Activity]:
    entry = await find_entry(session, command.entry_id, command.by)
    at_desk = command.by.holds(entry.community_code, *DESK_ROLES)
    admit(command.on_behalf(entry), by=command.by.subject, at_desk=at_desk, area=entry.community_code)
    activity = await promote(session, entry.community_code, entry.activity_id, command.now)
    await session.refresh(entry)  # another may have answered before the activity was locked
    return entry, activity


async def accept_offer(session: AsyncSession, command: AnswerOffer) -> WaitlistEntry:
    """Take the seats that are on offer; they were counted when they were offered.

    Raises:
        EntryUnseen: There is none that the caller may see.
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        NoOffer: There is no offer, or it has lapsed.
    """
    entry, activity = await _find(session, command)
    if entry.state != "offered":
        raise NoOffer(state=entry.state)
    entry.state, entry.offered_until = "accepted", None
    if entry.channel != command.channel:  # the seats count as what they are taken by
        count_seats(activity, counted_as(entry.category, entry.channel), -entry.party_size)
        count_seats(activity, counted_as(entry.category, command.channel), entry.party_size)
    seat = {
        "resident_community_code": entry.resident_community_code,
        "signed_up_at": command.now,
        "party_size": entry.party_size,
        "category": entry.category,
        "state": "seated",
        **command.on_behalf(entry).recorded(command.by.subject),
    }
    key = {
        "community_code": entry.community_code,
        "activity_id": entry.activity_id,
        "resident_id": entry.resident_id,
    }
    await session.execute(
        insert(SignUp)
        .values(**key, **seat)
        .on_conflict_do_update(index_elements=list(key), set_=seat, where=SignUp.state != "seated")
    )
    await session.flush()
    await promote(session, entry.community_code, entry.activity_id, command.now)
    return entry


async def decline_offer(session: AsyncSession, command: AnswerOffer) -> WaitlistEntry:
    """Decline an offer, or wait no more; what was on offer goes to the next at once.

    Raises:
        EntryUnseen: There is none that the caller may see.
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        NoOffer: It was answered, or has lapsed.
    """
    entry, activity = await _find(session, command)
    if entry.state not in {"waiting", "offered"}:
        raise NoOffer(state=entry.state)
    if entry.state == "offered":
        count_seats(activity, counted_as(entry.category, entry.channel), -entry.party_size)
    entry.state, entry.offered_until = "declined", None
    await session.flush()
    await promote(session, entry.community_code, entry.activity_id, command.now)
    return entry
