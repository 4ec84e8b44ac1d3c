"""HTTP of the emergency cost centre."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.operations.emergencies import queries
from services.operations.emergencies.decide_spend import Decision, Recovery, decide_spend, recover_spend
from services.operations.emergencies.declare import Declaration, declare
from services.operations.emergencies.rules import (
    ApprovalOverdue,
    EmergencyLimitReached,
    EmergencyOver,
    EmergencyUnseen,
    SpendState,
    SpendStepRefused,
    is_overdue,
)
from services.operations.emergencies.spend import Expense, spend
from services.operations.emergencies.tables import EmergencySpend
from services.operations.fund.rules import EarmarkViolated, FundUnseen, PotOverdrawn, PotUnseen, ReferenceUsed
from services.operations.payments.rules import ApprovalNotNeeded, OwnApproval
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/emergencies/{code}", tags=["应急成本 emergency cost"], route_class=IdempotentRoute)

FEN_MAX = 10**13
Fen = Annotated[int, Field(gt=0, le=FEN_MAX, description="分 / fen")]
Text = Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]


class DeclarationBody(BaseModel):
    """An emergency that is to be declared."""

    pot: Annotated[str, Field(min_length=1, max_length=40, pattern=PRINTABLE)]
    basis: Annotated[Text, Field(description="启动依据 / on what basis")]
    limit_fen: Fen
    ends_at: Moment
    approve_within_days: Annotated[int, Field(ge=1, le=60, description="补批期限（天） / days to approve in")] = 10


class ExpenseBody(BaseModel):
    """Money that is spent at once."""

    amount_fen: Fen
    payee: Annotated[Text, Field(description="收款单位，不填个人姓名 / the organisation; no person's name")]
    what: Text
    evidence: Annotated[list[Text], Field(min_length=1, max_length=50)]


class DecisionBody(BaseModel):
    """A decision after the fact."""

    approved: bool


class RecoveryBody(BaseModel):
    """What the bank says of money that came back."""

    bank_reference: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]


class ExpenseView(BaseModel):
    """An expense and where it stands."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    amount_fen: int
    payee: str
    what: str
    evidence: list[str]
    state: SpendState
    spent_at: Moment
    spent_by: str
    due_at: Moment = Field(description="补批期限 / to be approved by")
    decided_by: str | None
    overdue: bool = False


class EmergencyView(BaseModel):
    """An emergency and what was spent in it."""

    id: uuid.UUID
    community_code: str
    pot: str
    basis: str
    limit_fen: int
    spent_fen: int
    pending_fen: int = Field(description="待补批 / waiting for approval")
    to_recover_fen: int = Field(description="未获批准、待收回 / rejected, and not paid back")
    ends_at: Moment
    expenses: list[ExpenseView]


@router.post(
    "",
    status_code=201,
    summary="启动应急成本中心 / Declare an emergency",
    responses=problems.responses(FundUnseen, PotUnseen, EarmarkViolated, EmergencyOver, OutOfScope),
)
async def declare_emergency(
    code: CommunityCode, body: DeclarationBody, session: Transaction, who: Caller
) -> EmergencyView:
    """Declare an emergency; takes an official of the area."""
    who.require(code, "official")
    now = datetime.now(UTC)
    declaration = Declaration(community_code=code, **body.model_dump(), declared_by=who.subject, declared_at=now)
    return await _view(session, code, await declare(session, declaration), now)


@router.get(
    "/{emergency_id}",
    summary="应急成本中心 / An emergency and what was spent",
    responses=problems.responses(EmergencyUnseen, OutOfScope),
)
async def get_emergency(
    code: CommunityCode, emergency_id: uuid.UUID, session: Transaction, who: Caller
) -> EmergencyView:
    """See an emergency; for residents, staff and auditors of the community."""
    who.require(code, "resident", "desk", "operator", "official", "auditor")
    return await _view(session, code, emergency_id, datetime.now(UTC))


@router.post(
    "/{emergency_id}/expenses",
    status_code=201,
    summary="应急支出 / Spend in an emergency",
    responses=problems.responses(
        FundUnseen,
        EmergencyUnseen,
        EmergencyOver,
        EmergencyLimitReached,
        ApprovalOverdue,
        PotOverdrawn,
        ReferenceUsed,
        OutOfScope,
    ),
)
async def spend_in_emergency(
    code: CommunityCode, emergency_id: uuid.UUID, body: ExpenseBody, session: Transaction, who: Caller
) -> ExpenseView:
    """Spend at once; takes the community's desk, operator or official."""
    who.require(code, "desk", "operator", "official")
    now = datetime.now(UTC)
    expense = Expense(community_code=code, emergency_id=emergency_id, **body.model_dump(), by=who.subject, now=now)
    return _expense(await spend(session, expense), now)


@router.post(
    "/expenses/{spend_id}/decision",
    status_code=201,
    summary="补批应急支出 / Decide on an expense after the fact",
    responses=problems.responses(
        FundUnseen, EmergencyUnseen, SpendStepRefused, OwnApproval, ApprovalNotNeeded, OutOfScope
    ),
)
async def decide_on_expense(
    code: CommunityCode, spend_id: uuid.UUID, body: DecisionBody, session: Transaction, who: Caller
) -> ExpenseView:
    """Approve or reject an expense, as an official of the level that its amount takes."""
    now = datetime.now(UTC)
    decision = Decision(
        community_code=code,
        spend_id=spend_id,
        approved=body.approved,
        level=who.level(code, "official"),
        by=who.subject,
        now=now,
    )
    return _expense(await decide_spend(session, decision), now)


@router.post(
    "/expenses/{spend_id}/recovery",
    status_code=201,
    summary="收回未获批准的支出 / Book what came back of a rejected expense",
    responses=problems.responses(FundUnseen, EmergencyUnseen, SpendStepRefused, ReferenceUsed, OutOfScope),
)
async def recover_expense(
    code: CommunityCode, spend_id: uuid.UUID, body: RecoveryBody, session: Transaction, who: Caller
) -> ExpenseView:
    """Book that a rejected expense was paid back; takes an operator or official of the area."""
    who.require(code, "operator", "official")
    now = datetime.now(UTC)
    recovery = Recovery(code, spend_id, body.bank_reference, by=who.subject, now=now)
    return _expense(await recover_spend(session, recovery), now)


def _expense(of: EmergencySpend, now: datetime) -> ExpenseView:
    view = ExpenseView.model_validate(of)
    return view.model_copy(update={"overdue": is_overdue(of.state, of.due_at, now)})


async def _view(session: Transaction, code: str, emergency_id: uuid.UUID, now: datetime) -> EmergencyView:
    emergency = await queries.emergency(session, code, emergency_id)
    expenses = [_expense(one, now) for one in await queries.spends(session, emergency)]
    return EmergencyView(
        id=emergency.id,
        community_code=code,
        pot=emergency.pot,
        basis=emergency.basis,
        limit_fen=emergency.limit_fen,
        spent_fen=emergency.spent_fen,
        pending_fen=sum(one.amount_fen for one in expenses if one.state == "pending"),
        to_recover_fen=sum(one.amount_fen for one in expenses if one.state == "rejected"),
        ends_at=emergency.ends_at,
        expenses=expenses,
    )
