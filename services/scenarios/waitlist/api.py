"""HTTP: wait for seats, and answer when they are offered."""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.scenarios.activities.api import Category, PartySize, SignUpRequest
from services.scenarios.activities.rules import ActivityUnseen
from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.waitlist.accept_offer import AnswerOffer, accept_offer, decline_offer
from services.scenarios.waitlist.join_waitlist import JoinWaitlist, join_waitlist
from services.scenarios.waitlist.queries import count_ahead, find_entry
from services.scenarios.waitlist.rules import (
    AlreadyWaiting,
    EntryUnseen,
    NoOffer,
    PartyTooLarge,
    SeatsFree,
    WaitlistClosed,
)
from services.scenarios.waitlist.tables import WaitlistEntry
from shared import problems
from shared.assistance import ChannelBody, ChannelNotAllowed, ConsentMissing
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import ResidentId
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["候补 Waitlist"], route_class=IdempotentRoute)

REFUSALS = (OutOfScope, ChannelNotAllowed, ConsentMissing)


class EntryView(BaseModel):
    """A party that waits, and what became of it."""

    id: uuid.UUID
    activity_id: uuid.UUID
    resident_id: ResidentId
    party_size: PartySize
    category: Category
    state: Literal["waiting", "offered", "accepted", "declined", "lapsed"]
    offered_until: Annotated[Moment | None, Field(description="须在此前答复 / answer before")]
    ahead: Annotated[int, Field(description="前面还有几组 / how many parties stand before it")]
    joined_at: Moment


async def _view(session: Transaction, entry: WaitlistEntry) -> EntryView:
    return EntryView(
        id=entry.id,
        activity_id=entry.activity_id,
        resident_id=entry.resident_id,
        party_size=entry.party_size,
        category=entry.category,
        state=entry.state,
        offered_until=entry.offered_until,
        ahead=await count_ahead(session, entry) if entry.state in {"waiting", "offered"} else 0,
        joined_at=entry.joined_at,
    )


@router.post(
    "/activities/{activity_id}/waitlist",
    status_code=201,
    summary="候补 / Wait for seats",
    responses=problems.responses(
        ActivityUnseen, *REFUSALS, CommunityUnknown, PartyTooLarge, WaitlistClosed, SeatsFree, AlreadyWaiting
    ),
)
async def join(session: Transaction, who: Caller, activity_id: uuid.UUID, body: SignUpRequest) -> EntryView:
    """Wait for seats for a party, in strict order; residents of the activity's community come first."""
    command = JoinWaitlist(
        activity_id,
        body.resident_community_code,
        body.on_behalf(),
        body.party_size,
        body.category,
        who,
        datetime.now(UTC),
    )
    return await _view(session, await join_waitlist(session, command))


@router.get("/waitlist/{entry_id}", summary="一条候补 / A waitlist entry", responses=problems.responses(EntryUnseen))
async def show(session: Transaction, who: Caller, entry_id: uuid.UUID) -> EntryView:
    """Show an entry to its resident, or to staff of the community."""
    return await _view(session, await find_entry(session, entry_id, who))


@router.post(
    "/waitlist/{entry_id}/acceptance",
    status_code=201,
    summary="接受候补名额 / Take seats that are offered",
    responses=problems.responses(EntryUnseen, *REFUSALS, NoOffer),
)
async def accept(session: Transaction, who: Caller, entry_id: uuid.UUID, body: ChannelBody) -> EntryView:
    """Take the seats before the offer lapses."""
    command = AnswerOffer(entry_id, body.channel, body.recorded_consent(), who, datetime.now(UTC))
    return await _view(session, await accept_offer(session, command))


@router.post(
    "/waitlist/{entry_id}/refusal",
    status_code=201,
    summary="放弃候补 / Decline an offer, or wait no more",
    responses=problems.responses(EntryUnseen, *REFUSALS, NoOffer),
)
async def decline(session: Transaction, who: Caller, entry_id: uuid.UUID, body: ChannelBody) -> EntryView:
    """Let the next have the seats."""
    command = AnswerOffer(entry_id, body.channel, body.recorded_consent(), who, datetime.now(UTC))
    return await _view(session, await decline_offer(session, command))
