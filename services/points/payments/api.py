"""Codes, and payments at a till."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.points.accounts.rules import resident_of
from services.points.debit_caps.cover_quote import REFUSALS as COVER_QUOTE
from services.points.exchange.rules import NoCorridor
from services.points.fraud.queries import REFUSALS as UNFROZEN
from services.points.ledger.rules import NotEnoughPoints
from services.points.limits.let_spend import REFUSALS as LET_SPEND
from services.points.merchants.queries import get_merchant
from services.points.merchants.rules import ItemUnknown, MerchantDebarred, MerchantUnknown, require_till
from services.points.payments.authorise_payment import Authorise, authorise_payment
from services.points.payments.capture_payment import capture_payment
from services.points.payments.queries import get_payment, hold_payment
from services.points.payments.refund_payment import refund_payment
from services.points.payments.rules import (
    CODE_HOLDS,
    CodeInvalid,
    CodeUsed,
    MoreThanPaid,
    PaymentClosed,
    PaymentUnknown,
    ResidentCode,
    ShareExceeded,
    read_merchant_code,
    read_resident_code,
    sign_merchant_code,
    sign_resident_code,
)
from services.points.payments.void_payment import void_payment
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(tags=["收银 payments"], route_class=IdempotentRoute)

Points = Annotated[int, Field(ge=1, le=1_000_000, description="商户社区积分 / in points of the merchant's community")]
CodeText = Annotated[str, Field(min_length=20, max_length=600, pattern=r"^[\w.-]+$")]
Items = Annotated[
    dict[Annotated[str, Field(max_length=40)], Annotated[int, Field(ge=1, le=1000)]],
    Field(max_length=100, description="商品与件数，用于核对积分可付比例 / pieces by item of the catalogue"),
]
REFUSALS = (
    OutOfScope,
    MerchantUnknown,
    CodeInvalid,
    ItemUnknown,
    ShareExceeded,
    MerchantDebarred,
    NoCorridor,
    CodeUsed,
    *LET_SPEND,
    NotEnoughPoints,
    *COVER_QUOTE,
)


class CodeRequest(BaseModel):
    """Out of which community's points the resident wants to pay; its own if it does not say."""

    model_config = ConfigDict(extra="forbid")

    from_community: CommunityCode | None = None


class CodeView(BaseModel):
    """The text of a QR, and until when it is good; a merchant's stays good."""

    code: str
    expires_at: Moment | None


class TillRequest(BaseModel):
    """What a till asks of the resident whose code it has read."""

    model_config = ConfigDict(extra="forbid")

    merchant_id: uuid.UUID
    code: CodeText
    points: Points
    items: Items = {}


class ScanRequest(BaseModel):
    """What a resident promises the merchant whose code it has read."""

    model_config = ConfigDict(extra="forbid")

    merchant_code: CodeText
    points: Points
    items: Items = {}
    from_community: CommunityCode | None = None


class CaptureRequest(BaseModel):
    """How much is taken of what was authorised: all of it, if it does not say."""

    model_config = ConfigDict(extra="forbid")

    points: Points | None = None


class RefundRequest(BaseModel):
    """How much is given back."""

    model_config = ConfigDict(extra="forbid")

    points: Points


class PaymentView(BaseModel):
    """A payment: `paid` is in points of the payer's community, all else in the merchant's."""

    model_config = ConfigDict(from_attributes=True)

    id: Annotated[uuid.UUID, Field(validation_alias="payment_id")]
    community_code: str
    merchant_id: uuid.UUID
    payer_community: str
    price: int
    paid: int
    rate_bp: int
    discount_bp: int
    state: str
    captured: int
    refunded: int
    expires_at: Moment
    redemption_id: uuid.UUID | None


@router.post(
    "/payment-codes", status_code=201, summary="出示付款码 / A code to pay with", responses=responses(OutOfScope)
)
async def post_code(body: CodeRequest, request: Request, session: Transaction, who: Caller) -> CodeView:
    """Make the resident a code for one payment within a minute."""
    own, now = resident_of(who), datetime.now(UTC)
    code = ResidentCode(own.resident_id, body.from_community or own.home_community, uuid.uuid4())
    del session  # nothing is kept until it is used
    return CodeView(code=sign_resident_code(code, request.app.state.code_key, now), expires_at=now + CODE_HOLDS)


@router.get(
    "/merchants/{merchant_id}/code",
    summary="商户收款码 / A merchant's code",
    responses=responses(MerchantUnknown, OutOfScope),
)
async def read_code(merchant_id: uuid.UUID, request: Request, session: Transaction, who: Caller) -> CodeView:
    """Give a merchant the code that it puts up."""
    merchant = await get_merchant(session, merchant_id)
    require_till(who, merchant_id, merchant.community_code or "")
    return CodeView(code=sign_merchant_code(merchant_id, request.app.state.code_key), expires_at=None)


@router.post("/payments", status_code=201, summary="扫码授权 / Authorise a payment", responses=responses(*REFUSALS))
async def post_payment(body: TillRequest, request: Request, session: Transaction, who: Caller) -> PaymentView:
    """Hold a resident's points for a merchant, by the code that the resident shows at the till."""
    now = datetime.now(UTC)
    merchant = await get_merchant(session, body.merchant_id)
    require_till(who, body.merchant_id, merchant.community_code or "")
    code = read_resident_code(body.code, request.app.state.code_key, now)
    command = Authorise(code, body.merchant_id, body.points, body.items)
    return PaymentView.model_validate(await authorise_payment(session, command, now=now))


@router.post(
    "/payments/by-merchant-code",
    status_code=201,
    summary="居民扫商户码 / Authorise by a merchant's code",
    responses=responses(*REFUSALS),
)
async def post_scan(body: ScanRequest, request: Request, session: Transaction, who: Caller) -> PaymentView:
    """Hold the resident's points for the merchant whose code it has read; the merchant captures."""
    own = resident_of(who)
    code = ResidentCode(own.resident_id, body.from_community or own.home_community, uuid.uuid4())
    merchant_id = read_merchant_code(body.merchant_code, request.app.state.code_key)
    command = Authorise(code, merchant_id, body.points, body.items)
    return PaymentView.model_validate(await authorise_payment(session, command, now=datetime.now(UTC)))


@router.get("/payments/{payment_id}", summary="查询支付 / A payment", responses=responses(PaymentUnknown))
async def read_payment(payment_id: uuid.UUID, session: Transaction, who: Caller) -> PaymentView:
    """Show a payment to its resident, its merchant or the staff of either community."""
    return PaymentView.model_validate(await get_payment(session, payment_id, who))


@router.post(
    "/payments/{payment_id}/capture",
    summary="扣款 / Capture a payment",
    responses=responses(PaymentUnknown, PaymentClosed, MoreThanPaid, MerchantDebarred, *UNFROZEN),
)
async def post_capture(payment_id: uuid.UUID, body: CaptureRequest, session: Transaction, who: Caller) -> PaymentView:
    """Take what was authorised, or less; what is left is free again."""
    payment = await hold_payment(session, payment_id, who)
    await capture_payment(session, payment, body.points or payment.price, now=datetime.now(UTC))
    return PaymentView.model_validate(payment)


@router.post(
    "/payments/{payment_id}/void",
    summary="撤销 / Void a payment",
    responses=responses(PaymentUnknown, PaymentClosed),
)
async def post_void(payment_id: uuid.UUID, session: Transaction, who: Caller) -> PaymentView:
    """Let go of what was authorised."""
    payment = await hold_payment(session, payment_id, who)
    await void_payment(session, payment, now=datetime.now(UTC))
    return PaymentView.model_validate(payment)


@router.post(
    "/payments/{payment_id}/refunds",
    summary="退款 / Refund a payment",
    responses=responses(PaymentUnknown, PaymentClosed, MoreThanPaid),
)
async def post_refund(payment_id: uuid.UUID, body: RefundRequest, session: Transaction, who: Caller) -> PaymentView:
    """Give back what was captured, or a part of it."""
    payment = await hold_payment(session, payment_id, who)
    await refund_payment(session, payment, body.points, now=datetime.now(UTC))
    return PaymentView.model_validate(payment)
