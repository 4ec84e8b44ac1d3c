"""HTTP of subsidies."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.operations.communities.rules import Tier
from services.operations.projects.queries import get as get_project
from services.operations.projects.rules import ProjectUnseen, Stage
from services.operations.subsidies import queries
from services.operations.subsidies.claw_back import Clawback, claw_back
from services.operations.subsidies.grant import Grant, grant
from services.operations.subsidies.pay import Payout, pay
from services.operations.subsidies.rules import (
    AlreadyPaid,
    ClawbackTooLarge,
    Ground,
    MilestoneNotMet,
    SelfApproval,
    SubsidyUnseen,
    Tranche,
    TranchesUnbalanced,
)
from services.operations.subsidies.tables import Subsidy
from services.operations.terms.rules import Fen, Text
from shared import problems
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/subsidies", tags=["财政补助 subsidies"], route_class=IdempotentRoute)

Positive = Annotated[int, Field(ge=1, le=10**13, description="金额（分） / fen")]


class TrancheBody(BaseModel):
    """A part of a subsidy, and the stage that it waits for."""

    amount_fen: Positive
    milestone: Stage


class GrantBody(BaseModel):
    """Money for a project."""

    project_id: uuid.UUID
    purpose: Text
    amount_fen: Positive
    tranches: Annotated[list[TrancheBody], Field(min_length=1, max_length=20)]
    rewards: dict[Tier, Fen] = Field(default={}, description="按等级奖励（分） / reward by tier, in fen")


class PayoutBody(BaseModel):
    """A tranche that is paid; 0 is the reward."""

    no: Annotated[int, Field(ge=0, le=20)]
    evidence: Text


class ClawbackBody(BaseModel):
    """Money that is asked back."""

    amount_fen: Positive
    ground: Ground
    basis: Text


class SubsidyView(BaseModel):
    """A subsidy and what became of it, in fen."""

    id: uuid.UUID
    community_code: str
    project_id: uuid.UUID
    amount_fen: int
    tranches: list[TrancheBody]
    paid: dict[int, int] = Field(description="已拨付，按批次，0 为奖励 / by tranche, 0 is the reward")
    clawed_fen: int


@router.post(
    "",
    status_code=201,
    summary="批复补助 / Grant a subsidy",
    responses=problems.responses(ProjectUnseen, TranchesUnbalanced, OutOfScope),
)
async def grant_subsidy(body: GrantBody, session: Transaction, who: Caller) -> SubsidyView:
    """Grant a subsidy for a project; takes an official of its district."""
    project = await get_project(session, body.project_id)
    who.require(project.community_code[:6], "official")
    tranches = [Tranche(tranche.amount_fen, tranche.milestone) for tranche in body.tranches]
    command = Grant(body.purpose, body.amount_fen, tranches, body.rewards, by=who.subject, now=datetime.now(UTC))
    return await _view(session, await grant(session, project, command))


@router.get("/{subsidy_id}", summary="查看补助 / A subsidy", responses=problems.responses(SubsidyUnseen, OutOfScope))
async def get_subsidy(subsidy_id: uuid.UUID, session: Transaction, who: Caller) -> SubsidyView:
    """See a subsidy and what became of it; for the area's staff."""
    subsidy = await queries.get(session, subsidy_id)
    who.require(subsidy.community_code, "official", "operator", "desk")
    return await _view(session, subsidy)


@router.post(
    "/{subsidy_id}/payments",
    status_code=201,
    summary="拨付批次 / Pay a tranche",
    responses=problems.responses(SubsidyUnseen, SelfApproval, MilestoneNotMet, AlreadyPaid, OutOfScope),
)
async def pay_tranche(subsidy_id: uuid.UUID, body: PayoutBody, session: Transaction, who: Caller) -> SubsidyView:
    """Pay a tranche; takes an official of the district who did not grant the subsidy."""
    subsidy = await _for_official(session, subsidy_id, who)
    await pay(session, subsidy, Payout(body.no, body.evidence, by=who.subject, now=datetime.now(UTC)))
    return await _view(session, subsidy)


@router.post(
    "/{subsidy_id}/clawbacks",
    status_code=201,
    summary="追缴 / Claw back",
    responses=problems.responses(SubsidyUnseen, ClawbackTooLarge, OutOfScope),
)
async def claw_back_subsidy(
    subsidy_id: uuid.UUID, body: ClawbackBody, session: Transaction, who: Caller
) -> SubsidyView:
    """Ask money back; takes an official of the district."""
    subsidy = await _for_official(session, subsidy_id, who)
    await claw_back(session, subsidy, Clawback(**body.model_dump(), by=who.subject, now=datetime.now(UTC)))
    return await _view(session, subsidy)


async def _for_official(session: Transaction, subsidy_id: uuid.UUID, who: Caller) -> Subsidy:
    subsidy = await queries.get(session, subsidy_id)
    who.require(subsidy.community_code[:6], "official")
    return subsidy


async def _view(session: Transaction, subsidy: Subsidy) -> SubsidyView:
    standing = await queries.account(session, subsidy)
    parts = await queries.tranches(session, subsidy)
    return SubsidyView(
        id=subsidy.id,
        community_code=subsidy.community_code,
        project_id=subsidy.project_id,
        amount_fen=subsidy.amount_fen,
        tranches=[TrancheBody.model_validate(part, from_attributes=True) for part in parts],
        paid=standing.paid,
        clawed_fen=standing.clawed_fen,
    )
