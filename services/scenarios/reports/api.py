"""HTTP: report something, deal with it, or hand it over to the city."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.reports.file_report import FileReport, file_report
from services.scenarios.reports.hand_over import HandReportOver, hand_over
from services.scenarios.reports.queries import Told, find_report, list_reports
from services.scenarios.reports.resolve_report import ResolveReport, resolve_report
from services.scenarios.reports.rules import HandOverState, Kind, ReportElsewhere, ReportState, ReportUnseen
from shared import problems
from shared.assistance import ChannelNotAllowed, ConsentMissing, ResidentBody
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize

router = APIRouter(prefix="/reports", tags=["居民报事 Reports"], route_class=IdempotentRoute)

Text = Annotated[str, Field(min_length=1, max_length=1_000, pattern=PRINTABLE)]
Place = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE, description="位置描述 / where it is")]
STEP = problems.responses(ReportUnseen, ReportElsewhere)


class ReportBody(ResidentBody):
    """What a resident reports."""

    community_code: CommunityCode
    kind: Kind
    place: Place
    text: Text


class HandOverBody(BaseModel):
    """The words in which the city is told; without them, the resident's."""

    text: Annotated[
        Text | None,
        Field(description="移交文本，证件号、电话和邮箱自动隐去 / numbers of persons in it are left out by themselves"),
    ] = None


class Resolution(BaseModel):
    """What was done, as the resident is told."""

    outcome: Text


class HandOverView(BaseModel):
    """How a report stands at the city."""

    model_config = ConfigDict(from_attributes=True)

    state: HandOverState
    text: str
    request_id: Annotated[str | None, Field(description="承办方受理编号 / its number there")]
    notes: str | None
    refusal: str | None
    handed_at: Moment


class ReportView(BaseModel):
    """A report, and what came of it."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: str
    kind: Kind
    place: str
    text: str
    state: ReportState
    reported_at: Moment
    closed_at: Moment | None
    outcome: str | None
    hand_over: HandOverView | None = None


def _view(told: Told) -> ReportView:
    report, handed = told
    at_the_city = HandOverView.model_validate(handed) if handed else None
    return ReportView.model_validate(report).model_copy(update={"hand_over": at_the_city})


@router.post(
    "",
    status_code=201,
    summary="居民报事 / Report something",
    responses=problems.responses(OutOfScope, ChannelNotAllowed, ConsentMissing, CommunityUnknown),
)
async def report(session: Transaction, who: Caller, body: ReportBody) -> ReportView:
    """Report what is to be put right; a resident may in its community, or the desk for it."""
    command = FileReport(
        body.community_code, body.kind, body.place, body.text, body.on_behalf(), who, datetime.now(UTC)
    )
    return _view((await file_report(session, command), None))


@router.get(
    "", summary="未办结的报事 / Reports that are not closed", responses=problems.responses(OutOfScope, BadCursor)
)
async def browse(
    session: Transaction, who: Caller, community_code: CommunityCode, cursor: Cursor = None, page_size: PageSize = 50
) -> Page[ReportView]:
    """List what a community's residents have reported and is not closed, oldest first; for its staff."""
    who.require(community_code, *STAFF_ROLES)
    found, next_cursor = await list_reports(session, community_code, cursor, page_size)
    return Page(items=[_view(told) for told in found], next_cursor=next_cursor)


@router.get("/{report_id}", summary="一条报事 / A report", responses=problems.responses(ReportUnseen))
async def show(session: Transaction, who: Caller, report_id: uuid.UUID) -> ReportView:
    """Show a report to its resident or to staff, and how it stands at the city."""
    return _view(await find_report(session, report_id, who))


@router.post("/{report_id}/hand-over", status_code=201, summary="移交承办部门 / Hand a report over", responses=STEP)
async def hand(session: Transaction, who: Caller, report_id: uuid.UUID, body: HandOverBody) -> ReportView:
    """Hand a report over to the city by Open311; no word of who reported it goes along."""
    return _view(await hand_over(session, HandReportOver(report_id, body.text, who, datetime.now(UTC))))


@router.post("/{report_id}/resolution", status_code=201, summary="办结报事 / Close a report", responses=STEP)
async def resolve(session: Transaction, who: Caller, report_id: uuid.UUID, body: Resolution) -> ReportView:
    """Close a report that was dealt with in the community."""
    return _view(await resolve_report(session, ResolveReport(report_id, body.outcome, who, datetime.now(UTC))))
