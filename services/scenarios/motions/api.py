"""HTTP: motions, what residents contribute, and the answers they are owed."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.scenarios.communities.queries import list_published
from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.motions.advance_motion import AdvanceMotion, advance_motion
from services.scenarios.motions.answer import GiveAnswer, answer
from services.scenarios.motions.contribute import Contribute, contribute
from services.scenarios.motions.open_motion import OpenMotion, open_motion
from services.scenarios.motions.queries import find_motion, list_contributions, list_records
from services.scenarios.motions.rules import (
    AlreadyAnswered,
    AnswersOwed,
    ContributionUnseen,
    MotionStage,
    MotionUnseen,
    NotAtThisStage,
    StageUnfinished,
)
from services.scenarios.motions.tables import Motion
from shared import problems
from shared.assistance import Channel, ChannelNotAllowed, ConsentMissing, ResidentBody
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize

router = APIRouter(prefix="/motions", tags=["议事 Motions"], route_class=IdempotentRoute)

Title = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]
Text = Annotated[str, Field(min_length=1, max_length=4_000, pattern=PRINTABLE)]
Evidence = Annotated[
    dict[Title, Title], Field(max_length=20, description="佐证材料的名称与编号 / what, and where it lies")
]


class MotionBody(BaseModel):
    """What residents are asked about."""

    model_config = ConfigDict(from_attributes=True)

    community_code: CommunityCode
    title: Title
    description: Text


class MotionView(MotionBody):
    """A motion and its stage."""

    id: uuid.UUID
    stage: MotionStage
    published_at: Moment


class AnswerView(BaseModel):
    """The answer to a contribution."""

    model_config = ConfigDict(from_attributes=True)

    text: str
    answered_at: Moment


class ContributionView(BaseModel):
    """What a resident said, without who it was, and the answer that is owed or was given."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    stage: MotionStage
    text: str
    evidence: dict[str, str]
    channel: Channel
    contributed_at: Moment
    answer_due_at: Moment
    answer: AnswerView | None = None


class RecordView(BaseModel):
    """How a stage ended."""

    model_config = ConfigDict(from_attributes=True)

    stage: MotionStage
    summary: str
    evidence: dict[str, str]
    ended_at: Moment


class MotionHistory(MotionView):
    """A motion with all that was said about it."""

    contributions: list[ContributionView]
    records: list[RecordView]


class ContributionBody(ResidentBody):
    """What a resident says."""

    text: Text
    evidence: Annotated[Evidence, Field(default_factory=dict)]


class AnswerBody(BaseModel):
    """An answer."""

    text: Text


class StageEnd(BaseModel):
    """How the present stage ended."""

    stage: Annotated[MotionStage, Field(description="要结束的阶段，须与当前阶段一致 / the stage that ends")]
    summary: Text
    evidence: Annotated[Evidence, Field(min_length=1)]


@router.post(
    "",
    status_code=201,
    summary="发起议题 / Open a motion",
    responses=problems.responses(OutOfScope, CommunityUnknown),
)
async def begin(session: Transaction, who: Caller, body: MotionBody) -> MotionView:
    """Open a motion; staff of the community may."""
    return MotionView.model_validate(await open_motion(session, OpenMotion(**body.model_dump(), by=who)))


@router.get("", summary="社区的议题 / Motions of a community", responses=problems.responses(BadCursor))
async def browse(
    session: Transaction, _: Caller, community_code: CommunityCode, cursor: Cursor = None, page_size: PageSize = 50
) -> Page[MotionView]:
    """List a community's motions in the order they were opened."""
    motions, next_cursor = await list_published(session, Motion, community_code, cursor, page_size)
    return Page(items=[MotionView.model_validate(one) for one in motions], next_cursor=next_cursor)


@router.get("/{motion_id}", summary="一个议题 / A motion", responses=problems.responses(MotionUnseen))
async def show(session: Transaction, _: Caller, motion_id: uuid.UUID) -> MotionHistory:
    """Show a motion with contributions, answers and how its stages ended."""
    motion = await find_motion(session, motion_id)
    said = [
        ContributionView.model_validate(one).model_copy(
            update={"answer": AnswerView.model_validate(given) if given else None}
        )
        for one, given in await list_contributions(session, motion)
    ]
    ended = [RecordView.model_validate(one) for one in await list_records(session, motion)]
    return MotionHistory(**MotionView.model_validate(motion).model_dump(), contributions=said, records=ended)


@router.post(
    "/{motion_id}/contributions",
    status_code=201,
    summary="提出意见 / Contribute",
    responses=problems.responses(MotionUnseen, OutOfScope, ChannelNotAllowed, ConsentMissing, NotAtThisStage),
)
async def say(session: Transaction, who: Caller, motion_id: uuid.UUID, body: ContributionBody) -> ContributionView:
    """Contribute at the present stage: a resident itself, or the desk for one who consented. It is answered."""
    command = Contribute(motion_id, body.text, dict(body.evidence), body.on_behalf(), who, datetime.now(UTC))
    return ContributionView.model_validate(await contribute(session, command))


@router.post(
    "/{motion_id}/contributions/{contribution_id}/answer",
    status_code=201,
    summary="答复意见 / Answer",
    responses=problems.responses(MotionUnseen, OutOfScope, ContributionUnseen, AlreadyAnswered),
)
async def reply(
    session: Transaction, who: Caller, motion_id: uuid.UUID, contribution_id: uuid.UUID, body: AnswerBody
) -> AnswerView:
    """Answer a contribution, once; staff of the community may."""
    command = GiveAnswer(motion_id, contribution_id, body.text, who, datetime.now(UTC))
    return AnswerView.model_validate(await answer(session, command))


@router.post(
    "/{motion_id}/stage",
    status_code=201,
    summary="结束本阶段 / End the stage",
    responses=problems.responses(MotionUnseen, OutOfScope, NotAtThisStage, AnswersOwed, StageUnfinished),
)
async def end_stage(session: Transaction, who: Caller, motion_id: uuid.UUID, body: StageEnd) -> MotionView:
    """End the present stage with its evidence; none is skipped, and all answers are given first."""
    command = AdvanceMotion(motion_id, body.stage, body.summary, dict(body.evidence), who, datetime.now(UTC))
    return MotionView.model_validate(await advance_motion(session, command))
