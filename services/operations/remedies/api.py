"""HTTP of remedies."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.operations.checkups.queries import result
from services.operations.checkups.rules import CheckupUnseen
from services.operations.remedies import queries
from services.operations.remedies.audit import Audit, audit
from services.operations.remedies.rules import (
    AuditedByOwnHand,
    NotListed,
    NotResurveyed,
    RemedyState,
    RemedyStepRefused,
    state_of,
)
from services.operations.remedies.take_step import Step, take_step
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(
    prefix="/checkups/{checkup_id}/remedies/{code}", tags=["补短板 remedies"], route_class=IdempotentRoute
)

FEN_MAX = 10**13
Text = Annotated[str, Field(min_length=1, max_length=2_000, pattern=PRINTABLE)]
Fen = Annotated[int, Field(ge=0, le=FEN_MAX, description="分 / fen")]


class Plan(BaseModel):
    """What is to be done, for how much and until when."""

    plan: Text
    budget_fen: Fen
    due_on: date


class Completion(BaseModel):
    """What was done and what it cost."""

    report: Text
    cost_fen: Fen
    evidence: Annotated[list[Text], Field(min_length=1, max_length=50, description="照片、验收单等 / photos, records")]


class StepView(BaseModel):
    """A step that was taken."""

    state: RemedyState
    facts: dict[str, Any]
    taken_at: Moment
    taken_by: str


class RemedyView(BaseModel):
    """Where a remedy stands, and how it came there."""

    checkup_id: uuid.UUID
    community_code: str
    listed: bool
    before_bp: int | None
    missing: list[str]
    state: RemedyState
    steps: list[StepView]


@router.get("", summary="整改情况 / A remedy", responses=problems.responses(CheckupUnseen, OutOfScope))
async def get_remedy(checkup_id: uuid.UUID, code: CommunityCode, session: Transaction, who: Caller) -> RemedyView:
    """See where a remedy stands; for staff, auditors and residents of the community."""
    who.require(code, "resident", "desk", "operator", "official", "auditor")
    return await _view(session, checkup_id, code)


@router.post(
    "/plan",
    status_code=201,
    summary="制定整改计划与预算 / Plan a remedy",
    responses=problems.responses(CheckupUnseen, NotListed, RemedyStepRefused, OutOfScope),
)
async def plan_remedy(
    checkup_id: uuid.UUID, code: CommunityCode, body: Plan, session: Transaction, who: Caller
) -> RemedyView:
    """Plan a remedy with its budget, or plan it anew; takes an operator or official of the community."""
    who.require(code, "operator", "official")
    step = Step(checkup_id, code, "planned", body.model_dump(mode="json"), by=who.subject, now=datetime.now(UTC))
    await take_step(session, step)
    return await _view(session, checkup_id, code)


@router.post(
    "/completion",
    status_code=201,
    summary="报告完工 / Report the work done",
    responses=problems.responses(CheckupUnseen, NotListed, RemedyStepRefused, OutOfScope),
)
async def complete_remedy(
    checkup_id: uuid.UUID, code: CommunityCode, body: Completion, session: Transaction, who: Caller
) -> RemedyView:
    """Report that the work is done; that closes nothing yet."""
    who.require(code, "desk", "operator", "official")
    step = Step(checkup_id, code, "done", body.model_dump(mode="json"), by=who.subject, now=datetime.now(UTC))
    await take_step(session, step)
    return await _view(session, checkup_id, code)


@router.post(
    "/audit",
    status_code=201,
    summary="核查整改成效 / Audit a remedy",
    responses=problems.responses(
        CheckupUnseen, RemedyStepRefused, AuditedByOwnHand, NotResurveyed, NotListed, OutOfScope
    ),
)
async def audit_remedy(checkup_id: uuid.UUID, code: CommunityCode, session: Transaction, who: Caller) -> RemedyView:
    """Compare before and after, and close the remedy or send it back; takes an official who had no hand in it."""
    who.require(code, "official")
    await audit(session, Audit(checkup_id, code, by=who.subject, now=datetime.now(UTC)))
    return await _view(session, checkup_id, code)


async def _view(session: Transaction, checkup_id: uuid.UUID, code: str) -> RemedyView:
    found = await result(session, checkup_id, code)
    rows = await queries.steps(session, checkup_id, code)
    taken = queries.taken(rows)
    views = [
        StepView(state=step.state, facts=row.facts, taken_at=step.at, taken_by=step.by)
        for step, row in zip(taken, rows, strict=True)
    ]
    return RemedyView(
        checkup_id=checkup_id,
        community_code=code,
        listed=found.listed,
        before_bp=found.index_bp,
        missing=found.missing,
        state=state_of(taken),
        steps=views,
    )
