"""HTTP of projects."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.projects import queries
from services.operations.projects.pass_gate import Passage, pass_gate
from services.operations.projects.propose import Proposal, propose
from services.operations.projects.replan import Replan, replan
from services.operations.projects.rules import (
    EvidenceMissing,
    NotTheStage,
    Plan,
    PlanOutOfOrder,
    ProjectUnseen,
    Stage,
    current_stage,
    standing,
)
from services.operations.projects.tables import Project
from shared import problems
from shared.clock import Day, local_day
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_id, encode_cursor

router = APIRouter(prefix="/projects", tags=["创建项目 projects"], route_class=IdempotentRoute)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PRINTABLE)]
READERS = ("official", "operator", "desk")


class PlanBody(BaseModel):
    """The days on which the stages are to be done."""

    applying: Day = Field(description="申报完成日 / application")
    creating: Day = Field(description="创建完成日 / creation")
    accepting: Day = Field(description="验收完成日 / acceptance")


class ProjectProposal(BaseModel):
    """A project that is applied for."""

    community_code: CommunityCode
    title: Text
    plan: PlanBody


class NewPlan(BaseModel):
    """A plan that replaces the one before, and why."""

    plan: PlanBody
    reason: Text


class GatePassage(BaseModel):
    """A stage that is done, and the papers that show it."""

    stage: Stage
    evidence: dict[Text, Text] = Field(max_length=20, description="材料种类 → 编号或链接 / kind → reference")


class StageView(BaseModel):
    """A stage against the plan."""

    model_config = ConfigDict(from_attributes=True)

    stage: Stage
    baseline: date
    planned: date
    passed: date | None
    slip_days: int | None = Field(description="较首次计划滞后天数，提前为负 / days behind the first plan")
    forecast: date


class ProjectView(BaseModel):
    """A project, where it is and how far behind."""

    id: uuid.UUID
    community_code: str
    title: str
    stage: Stage
    stages: list[StageView]
    reasons: list[str] = Field(description="历次计划及理由 / why it was planned as it was, the first plan first")


@router.post(
    "",
    status_code=201,
    summary="申报项目 / Apply for a project",
    responses=problems.responses(PlanOutOfOrder, CommunityNotRegistered, OutOfScope),
)
async def propose_project(body: ProjectProposal, session: Transaction, who: Caller) -> ProjectView:
    """Apply for a project; takes an official whose area covers the community."""
    who.require(body.community_code, "official")
    command = Proposal(body.community_code, body.title, _plan(body.plan), by=who.subject, now=datetime.now(UTC))
    return await _view(session, await propose(session, command))


@router.get("", summary="项目列表 / Projects", responses=problems.responses(OutOfScope, BadCursor))
async def list_projects(
    session: Transaction,
    who: Caller,
    area: Annotated[AreaPrefix, Query(description="区划代码前缀 / area code prefix")],
    page_size: PageSize = 50,
    cursor: Cursor = None,
) -> Page[ProjectView]:
    """List an area's projects, the oldest first; for its staff."""
    who.require(area, *READERS)
    after = decode_id(cursor) if cursor else None
    found = await queries.find(session, area, after, page_size + 1)
    page = [await _view(session, project) for project in found[:page_size]]
    return Page(items=page, next_cursor=encode_cursor(str(page[-1].id)) if len(found) > page_size else None)


@router.get("/{project_id}", summary="项目进度 / A project", responses=problems.responses(ProjectUnseen, OutOfScope))
async def get_project(project_id: uuid.UUID, session: Transaction, who: Caller) -> ProjectView:
    """See where a project is, and how far behind its plan; for its area's staff."""
    project = await queries.get(session, project_id)
    who.require(project.community_code, *READERS)
    return await _view(session, project)


@router.post(
    "/{project_id}/plans",
    status_code=201,
    summary="调整计划 / Plan anew",
    responses=problems.responses(ProjectUnseen, PlanOutOfOrder, OutOfScope),
)
async def replan_project(project_id: uuid.UUID, body: NewPlan, session: Transaction, who: Caller) -> ProjectView:
    """Replace the plan, with a reason; slippage stays measured against the first. Takes an official of the area."""
    project = await queries.get(session, project_id)
    who.require(project.community_code, "official")
    now = datetime.now(UTC)
    plan = _plan(body.plan)
    await replan(session, Replan(project.community_code, project.id, plan, body.reason, by=who.subject, now=now))
    return await _view(session, project)


@router.post(
    "/{project_id}/gates",
    status_code=201,
    summary="通过阶段关口 / Pass a stage gate",
    responses=problems.responses(ProjectUnseen, NotTheStage, EvidenceMissing, OutOfScope),
)
async def pass_project_gate(project_id: uuid.UUID, body: GatePassage, session: Transaction, who: Caller) -> ProjectView:
    """Let a project out of its stage when all papers are there; takes an official of its district."""
    project = await queries.get(session, project_id)
    who.require(project.community_code[:6], "official")
    command = Passage(body.stage, body.evidence, by=who.subject, now=datetime.now(UTC))
    await pass_gate(session, project, command)
    return await _view(session, project)


def _plan(body: PlanBody) -> Plan:
    return Plan(**body.model_dump())


async def _view(session: Transaction, project: Project) -> ProjectView:
    passed = await queries.passed_days(session, project)
    planned = await queries.plans(session, project)
    lines = standing(planned[0][0], planned[-1][0], passed, local_day(datetime.now(UTC)))
    return ProjectView(
        id=project.id,
        community_code=project.community_code,
        title=project.title,
        stage=current_stage(passed),
        stages=[StageView.model_validate(line) for line in lines],
        reasons=[reason for _, reason in planned],
    )
