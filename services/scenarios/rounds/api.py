"""HTTP: rounds, applications, and what was drawn and why."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.bookings.rules import RuleInadmissible
from services.scenarios.rounds.apply import Apply, apply
from services.scenarios.rounds.publish_round import PublishRound, Slot, publish_round
from services.scenarios.rounds.queries import find_round, list_allotments
from services.scenarios.rounds.rules import (
    SLOTS_MAX,
    ChoicesInadmissible,
    Method,
    NotDrawn,
    Outcome,
    RoundClosed,
    RoundInadmissible,
    RoundUnseen,
)
from services.scenarios.rounds.tables import Allotment, Round
from services.scenarios.spaces.rules import SpaceUnseen
from shared import problems
from shared.assistance import ChannelNotAllowed, ConsentMissing, ResidentBody, subject_of
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode, ResidentId
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/rounds", tags=["统一申请轮次 Rounds"], route_class=IdempotentRoute)

Category = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$", examples=["elder", "child", "club", "general"])]


class SlotBody(BaseModel):
    """Hours of a space for a season."""

    space_id: uuid.UUID
    starts_at: Moment
    ends_at: Moment
    rule: Annotated[str, Field(max_length=200, description="RFC 5545 RRULE", examples=["FREQ=WEEKLY;COUNT=16"])]
    priorities: Annotated[list[Category], Field(max_length=10, description="优先类别，依次 / who comes first")] = []


class RoundBody(BaseModel):
    """Slots that are applied for together, until when, and how they are allotted."""

    community_code: CommunityCode
    title: Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]
    method: Method
    slots: Annotated[list[SlotBody], Field(min_length=1, max_length=SLOTS_MAX)]
    opens_at: Moment
    closes_at: Moment


class RoundView(RoundBody):
    """A round; the seed is shown once it is drawn, and its SHA-256 is the commitment."""

    id: uuid.UUID
    commitment: str
    drawn_at: Moment | None
    seed: str | None


class ApplicationBody(ResidentBody):
    """The slots that a resident wants, by their place in the round, the dearest first."""

    category: Category = "general"
    choices: Annotated[list[int], Field(min_length=1, max_length=SLOTS_MAX)]


class ApplicationView(BaseModel):
    """An application."""

    model_config = ConfigDict(from_attributes=True)

    round_id: uuid.UUID
    resident_id: ResidentId
    category: str
    choices: list[int]
    applied_at: Moment


class ReasonView(BaseModel):
    """What became of a choice: ranks are (place of the category, ticket), and the lower one has the slot."""

    slot: int
    outcome: Outcome
    rank: tuple[int, str]
    holder: tuple[int, str]


class AllotmentView(BaseModel):
    """What the applicant with a ticket got, if anything, and why. The ticket is SHA-256 of `seed:resident_id`."""

    model_config = ConfigDict(from_attributes=True)

    ticket: str
    slot: int | None
    reasons: list[ReasonView]


class Allotments(BaseModel):
    """What a round has allotted, by ticket: who knows a resident's id can find its ticket, and nobody else."""

    items: list[AllotmentView]


def _view(found: Round) -> RoundView:
    return RoundView(
        community_code=found.community_code,
        title=found.title,
        method=found.method,
        slots=[SlotBody.model_validate(slot) for slot in found.slots],
        opens_at=found.opens_at,
        closes_at=found.closes_at,
        id=found.id,
        commitment=found.commitment,
        drawn_at=found.drawn_at,
        seed=found.seed if found.drawn_at else None,
    )


@router.post(
    "",
    status_code=201,
    summary="发布申请轮次 / Publish a round",
    responses=problems.responses(OutOfScope, RoundInadmissible, RuleInadmissible, SpaceUnseen),
)
async def publish(session: Transaction, who: Caller, body: RoundBody) -> RoundView:
    """Publish a round with the digest of its seed; it is drawn by itself once it has closed, and booked."""
    slots = [Slot(s.space_id, s.starts_at, s.ends_at, s.rule, tuple(s.priorities)) for s in body.slots]
    times = body.opens_at, body.closes_at
    command = PublishRound(body.community_code, body.title, body.method, slots, *times, who, datetime.now(UTC))
    return _view(await publish_round(session, command))


@router.get("/{round_id}", summary="一个轮次 / A round", responses=problems.responses(RoundUnseen))
async def show(session: Transaction, _: Caller, round_id: uuid.UUID) -> RoundView:
    """Show a round, with its seed once it is drawn."""
    return _view(await find_round(session, round_id))


@router.post(
    "/{round_id}/applications",
    status_code=201,
    summary="申请 / Apply",
    responses=problems.responses(
        RoundUnseen, OutOfScope, ChannelNotAllowed, ConsentMissing, RoundClosed, ChoicesInadmissible
    ),
)
async def ask(session: Transaction, who: Caller, round_id: uuid.UUID, body: ApplicationBody) -> ApplicationView:
    """Apply for slots, or apply anew instead; when one applies makes no difference."""
    command = Apply(round_id, body.on_behalf(), body.category, body.choices, who, datetime.now(UTC))
    return ApplicationView.model_validate(await apply(session, command))


@router.get(
    "/{round_id}/allotments",
    summary="分配结果 / What was allotted",
    responses=problems.responses(RoundUnseen, NotDrawn),
)
async def results(session: Transaction, _: Caller, round_id: uuid.UUID) -> Allotments:
    """List all results by ticket, so that anybody can draw again."""
    found = await find_round(session, round_id)
    if found.drawn_at is None:
        raise NotDrawn(closes_at=found.closes_at.isoformat())
    return Allotments(items=[AllotmentView.model_validate(one) for one in await list_allotments(session, found)])


@router.get(
    "/{round_id}/allotments/{resident_id}",
    summary="我的结果与理由 / One's result, and why",
    responses=problems.responses(RoundUnseen, OutOfScope, NotDrawn),
)
async def result(session: Transaction, who: Caller, round_id: uuid.UUID, resident_id: uuid.UUID) -> AllotmentView:
    """Show what an applicant got and why: to itself and to staff."""
    found = await find_round(session, round_id)
    if who.subject != subject_of(resident_id):
        who.require(found.community_code, *STAFF_ROLES)
    allotment = await session.get(Allotment, (found.community_code, found.id, resident_id))
    if allotment is None:
        raise NotDrawn(closes_at=found.closes_at.isoformat())
    return AllotmentView.model_validate(allotment)
