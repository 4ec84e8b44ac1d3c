"""HTTP: ask for help and offer it, and the visits that come of it."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.attendance.rules import WrongCode
from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.timebank.agree_help import AgreeHelp, agree_help
from services.scenarios.timebank.post_help import PostHelp, post_help, withdraw_help
from services.scenarios.timebank.propose_correction import (
    AgreeCorrection,
    ProposeCorrection,
    agree_correction,
    propose_correction,
)
from services.scenarios.timebank.queries import find_visit, list_posts, trail_of
from services.scenarios.timebank.rules import (
    QUARTERS_MAX,
    HelpElsewhere,
    HelpUnseen,
    OutsideVisit,
    OwnCorrection,
    OwnHelp,
    PostState,
    Side,
    StepKind,
    TimePassed,
    VisitState,
)
from services.scenarios.timebank.tables import HelpVisit
from services.scenarios.timebank.take_step import TakeStep, take_step
from shared import problems
from shared.assistance import ChannelNotAllowed, ConsentMissing, ResidentBody, subject_of
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode, ResidentId, Subject
from shared.idempotency import IdempotentRoute
from shared.identity import Caller, Identity
from shared.pagination import BadCursor, Cursor, Page, PageSize

router = APIRouter(tags=["时间银行互助 Time bank"], route_class=IdempotentRoute)

Text = Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]
Quarters = Annotated[int, Field(ge=1, le=QUARTERS_MAX, description="刻钟 / quarter hours")]
ASSISTED = (OutOfScope, ChannelNotAllowed, ConsentMissing)


class HelpBody(ResidentBody):
    """Help that a resident asks for, or offers."""

    community_code: CommunityCode
    side: Annotated[Side, Field(description="request 求助，offer 提供")]
    service: Annotated[str, Field(min_length=1, max_length=60, pattern=PRINTABLE, examples=["陪诊"])]
    text: Text
    starts_at: Moment
    quarters: Quarters
    receiver_id: Annotated[
        uuid.UUID | None, Field(description="为配偶或直系亲属求助时填写 / whom a request is for, if a relative")
    ] = None
    community_pays: Annotated[
        bool, Field(description="由社区承担，仅服务台 / the community's hours; the desk only")
    ] = False


class HelpView(BaseModel):
    """A request or an offer; who it is of is told to who agrees."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: str
    side: Side
    service: str
    text: str
    starts_at: Moment
    quarters: int
    state: PostState


class StepBody(ResidentBody):
    """A step of a visit."""

    step: StepKind
    code: Annotated[str | None, Field(max_length=12, description="签到、签退时出示的互助码 / to come and to leave")] = (
        None
    )
    reason: Annotated[Text | None, Field(description="争议或取消的原因 / why it is disputed or cancelled")] = None


class TrailView(BaseModel):
    """A step on the trail."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    step: str
    quarters: int | None
    reason: str | None
    agrees_to: int | None
    given_by: Subject
    given_at: Moment


class VisitView(BaseModel):
    """A visit; its code is told to who gets the help."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: str
    giver_id: ResidentId
    receiver_id: ResidentId
    payer_id: ResidentId | None
    starts_at: Moment
    agreed_quarters: int
    state: VisitState
    reason: str | None
    checked_in_at: Moment | None
    checked_out_at: Moment | None
    quarters: int | None
    giver_confirmed_at: Moment | None
    receiver_confirmed_at: Moment | None
    revision: int
    posted: Annotated[
        str | None, Field(description="done 为已入账，否则为原因 / done, or why the hours are not posted")
    ]
    code: str | None
    trail: list[TrailView] = []


class CorrectionBody(BaseModel):
    """How many quarter hours it really was."""

    quarters: Annotated[int, Field(ge=0, le=QUARTERS_MAX)]
    reason: Text


async def _view(session: AsyncSession, visit: HelpVisit, who: Identity) -> VisitView:
    told = who.subject == subject_of(visit.receiver_id) or who.holds(visit.community_code, "desk")
    told = told or (visit.payer_id is not None and who.subject == subject_of(visit.payer_id))
    trail = [TrailView.model_validate(step) for step in await trail_of(session, visit)]
    shown = VisitView.model_validate(visit).model_copy(update={"trail": trail})
    return shown if told else shown.model_copy(update={"code": None})


@router.post(
    "/help",
    status_code=201,
    summary="求助或提供互助 / Ask for help, or offer it",
    responses=problems.responses(*ASSISTED, CommunityUnknown, TimePassed),
)
async def put_up(session: Transaction, who: Caller, body: HelpBody) -> HelpView:
    """Put up a request or an offer; who answers it first is meant."""
    command = PostHelp(
        body.community_code,
        body.side,
        body.service,
        body.text,
        body.starts_at,
        body.quarters,
        body.receiver_id,
        body.community_pays,
        body.on_behalf(),
        who,
        datetime.now(UTC),
    )
    return HelpView.model_validate(await post_help(session, command))


@router.get("/help", summary="社区的互助 / Open requests and offers", responses=problems.responses(BadCursor))
async def browse(
    session: Transaction, _: Caller, community_code: CommunityCode, cursor: Cursor = None, page_size: PageSize = 50
) -> Page[HelpView]:
    """List a community's requests and offers that can still be answered, without a word of who they are of."""
    found, next_cursor = await list_posts(session, community_code, cursor, page_size, datetime.now(UTC))
    return Page(items=[HelpView.model_validate(one) for one in found], next_cursor=next_cursor)


@router.post(
    "/help/{help_id}/withdrawal",
    status_code=201,
    summary="撤回 / Withdraw a request or an offer",
    responses=problems.responses(HelpUnseen, HelpElsewhere, *ASSISTED),
)
async def withdraw(session: Transaction, who: Caller, help_id: uuid.UUID, body: ResidentBody) -> HelpView:
    """Take a request or an offer back that nobody has answered."""
    return HelpView.model_validate(await withdraw_help(session, help_id, body.on_behalf(), who))


@router.post(
    "/help/{help_id}/agreement",
    status_code=201,
    summary="响应互助 / Answer a request, or take up an offer",
    responses=problems.responses(HelpUnseen, HelpElsewhere, OwnHelp, TimePassed, *ASSISTED),
)
async def agree(session: Transaction, who: Caller, help_id: uuid.UUID, body: ResidentBody) -> VisitView:
    """Agree; the hours of who gets the help, or of who asked for it, are pledged before it begins."""
    visit = await agree_help(session, AgreeHelp(help_id, body.on_behalf(), who, datetime.now(UTC)))
    return await _view(session, visit, who)


@router.get(
    "/help-visits/{visit_id}", summary="一次互助 / A visit and its trail", responses=problems.responses(HelpUnseen)
)
async def show(session: Transaction, who: Caller, visit_id: uuid.UUID) -> VisitView:
    """Show a visit to its parties and to staff."""
    return await _view(session, await find_visit(session, visit_id, who), who)


@router.post(
    "/help-visits/{visit_id}/steps",
    status_code=201,
    summary="签到、签退、确认、争议、取消 / A step of a visit",
    responses=problems.responses(HelpUnseen, HelpElsewhere, OutsideVisit, WrongCode, *ASSISTED),
)
async def step(session: Transaction, who: Caller, visit_id: uuid.UUID, body: StepBody) -> VisitView:
    """Come, leave, confirm, dispute or cancel, or have the desk do it; hours count once both sides have confirmed."""
    command = TakeStep(visit_id, body.step, body.on_behalf(), who, datetime.now(UTC), body.code, body.reason)
    return await _view(session, await take_step(session, command), who)


@router.post(
    "/help-visits/{visit_id}/corrections",
    status_code=201,
    summary="提出更正 / Propose a correction",
    responses=problems.responses(HelpUnseen, HelpElsewhere, OwnCorrection),
)
async def correct(session: Transaction, who: Caller, visit_id: uuid.UUID, body: CorrectionBody) -> VisitView:
    """Propose how many quarter hours it really was; what is disputed is decided so too."""
    command = ProposeCorrection(visit_id, body.quarters, body.reason, who, datetime.now(UTC))
    return await _view(session, await propose_correction(session, command), who)


@router.post(
    "/help-visits/{visit_id}/corrections/{number}/agreement",
    status_code=201,
    summary="同意更正 / Agree to a correction",
    responses=problems.responses(HelpUnseen, HelpElsewhere, OwnCorrection),
)
async def agree_to_correction(
    session: Transaction, who: Caller, visit_id: uuid.UUID, number: Annotated[int, Path(ge=1, le=10**9)]
) -> VisitView:
    """Agree to what another member of staff proposed; the hours are posted anew."""
    command = AgreeCorrection(visit_id, number, who, datetime.now(UTC))
    return await _view(session, await agree_correction(session, command), who)
