"""HTTP of payments out of a fund."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.operations.fund.rules import EarmarkViolated, FundUnseen, PotOverdrawn, PotUnseen, Purpose, ReferenceUsed
from services.operations.payments import queries
from services.operations.payments.approve import Approval, approve
from services.operations.payments.close_payment import Closing, close_payment
from services.operations.payments.request_payment import Request, request_payment
from services.operations.payments.rules import (
    ApprovalNotNeeded,
    NothingToSettle,
    OwnApproval,
    PaymentState,
    PaymentStepRefused,
    PaymentUnseen,
)
from services.operations.payments.settle_points import Settlement, settle_points
from services.operations.payments.tables import FundPayment
from services.operations.providers.rules import ProviderUnseen
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/funds", tags=["社区基金支付 fund payments"], route_class=IdempotentRoute)

FEN_MAX = 10**13
Fen = Annotated[int, Field(gt=0, le=FEN_MAX, description="分 / fen")]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]
PotCode = Annotated[str, Field(min_length=1, max_length=40, pattern=PRINTABLE)]
Reference = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]


class PaymentRequest(BaseModel):
    """A payment that is asked for."""

    pot: PotCode
    purpose: Purpose
    payee: Annotated[Text, Field(description="收款单位，不填个人姓名 / the organisation; no person's name")]
    amount_fen: Fen


class SettlementRequest(BaseModel):
    """A merchant whose points are to be settled."""

    merchant_id: uuid.UUID
    pot: PotCode


class Disbursement(BaseModel):
    """What the bank says of a payment that was made."""

    bank_reference: Reference


class ApprovalView(BaseModel):
    """Who approved."""

    model_config = ConfigDict(from_attributes=True)

    approved_by: str
    level: int
    approved_at: Moment


class PaymentView(BaseModel):
    """A payment and its approvals."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: str
    pot: str
    purpose: Purpose
    payee: str
    amount_fen: int
    points: int | None
    state: PaymentState
    requested_at: Moment
    requested_by: str
    approvals: list[ApprovalView] = []


@router.post(
    "/{code}/payments",
    status_code=201,
    summary="申请支付 / Ask for a payment",
    responses=problems.responses(FundUnseen, PotUnseen, EarmarkViolated, OutOfScope),
)
async def ask_for_payment(code: CommunityCode, body: PaymentRequest, session: Transaction, who: Caller) -> PaymentView:
    """Ask for a payment; takes the community's desk, operator or official."""
    who.require(code, "desk", "operator", "official")
    now = datetime.now(UTC)
    asked = Request(community_code=code, **body.model_dump(), by=who.subject, now=now)
    return await _payment(session, await request_payment(session, asked))


@router.post(
    "/{code}/settlements",
    status_code=201,
    summary="申请结算商户积分 / Ask for a merchant's points to be settled",
    responses=problems.responses(FundUnseen, ProviderUnseen, PotUnseen, EarmarkViolated, NothingToSettle, OutOfScope),
)
async def ask_for_settlement(
    code: CommunityCode, body: SettlementRequest, session: Transaction, who: Caller
) -> PaymentView:
    """Put what a merchant took in points into a payment; takes an operator, an official or the merchant itself."""
    if who.subject != f"merchant:{body.merchant_id}":
        who.require(code, "operator", "official")
    asked = Settlement(code, body.merchant_id, body.pot, by=who.subject, now=datetime.now(UTC))
    return await _payment(session, await settle_points(session, asked))


@router.get(
    "/{code}/payments/{payment_id}",
    summary="支付及审批 / A payment and its approvals",
    responses=problems.responses(PaymentUnseen),
)
async def get_payment(
    code: CommunityCode,
    payment_id: uuid.UUID,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - the same
) -> PaymentView:
    """See a payment, and who approved it."""
    return await _payment(session, await queries.payment(session, code, payment_id))


@router.post(
    "/{code}/payments/{payment_id}/approvals",
    status_code=201,
    summary="审批支付 / Approve a payment",
    responses=problems.responses(
        FundUnseen, PaymentUnseen, PaymentStepRefused, OwnApproval, ApprovalNotNeeded, PotOverdrawn, OutOfScope
    ),
)
async def approve_payment(code: CommunityCode, payment_id: uuid.UUID, session: Transaction, who: Caller) -> PaymentView:
    """Approve a payment as an official of the area, at the level of the widest area held."""
    approval = Approval(code, payment_id, who.level(code, "official"), by=who.subject, now=datetime.now(UTC))
    return await _payment(session, await approve(session, approval))


@router.post(
    "/{code}/payments/{payment_id}/disbursement",
    status_code=201,
    summary="登记已付款 / Book that a payment was made",
    responses=problems.responses(FundUnseen, PaymentUnseen, PaymentStepRefused, ReferenceUsed, OutOfScope),
)
async def disburse_payment(
    code: CommunityCode, payment_id: uuid.UUID, body: Disbursement, session: Transaction, who: Caller
) -> PaymentView:
    """Book that the bank has paid; takes an operator or official of the area."""
    who.require(code, "operator", "official")
    closing = Closing(code, payment_id, body.bank_reference, by=who.subject, now=datetime.now(UTC))
    return await _payment(session, await close_payment(session, closing))


@router.post(
    "/{code}/payments/{payment_id}/rejection",
    status_code=201,
    summary="驳回支付 / Reject a payment",
    responses=problems.responses(FundUnseen, PaymentUnseen, PaymentStepRefused, OutOfScope),
)
async def reject_payment(code: CommunityCode, payment_id: uuid.UUID, session: Transaction, who: Caller) -> PaymentView:
    """Reject a payment that is not approved yet; takes an official of the area."""
    who.require(code, "official")
    closing = Closing(code, payment_id, None, by=who.subject, now=datetime.now(UTC))
    return await _payment(session, await close_payment(session, closing))


async def _payment(session: Transaction, payment: FundPayment) -> PaymentView:
    view = PaymentView.model_validate(payment)
    approvals = [ApprovalView.model_validate(one) for one in await queries.approvals(session, payment)]
    return view.model_copy(update={"approvals": approvals})
