"""HTTP: vouchers on paper, and what tills took without a network."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.points.accounts.rules import resident_of
from services.points.merchants.queries import get_merchant
from services.points.merchants.rules import MerchantUnknown, acts_for, require_till
from services.points.vouchers.issue_voucher import REFUSALS, IssueVoucher, issue_voucher
from services.points.vouchers.present_vouchers import PresentVouchers, present_vouchers
from services.points.vouchers.print_voucher import print_voucher
from services.points.vouchers.queries import STAFF, get_voucher, presentations_to, vouchers_in, vouchers_of
from services.points.vouchers.revoke_voucher import revoke_voucher
from services.points.vouchers.rules import GOOD_FOR_DAYS_MAX, Report, VoucherClosed, VoucherUnknown
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(tags=["纸质券 vouchers"], route_class=IdempotentRoute)


class VoucherRequest(BaseModel):
    """What a voucher shall be worth, and for how long; out of the home community's book."""

    model_config = ConfigDict(extra="forbid")

    points: Annotated[int, Field(ge=1, le=1_000_000)]
    days: Annotated[int, Field(ge=1, le=GOOD_FOR_DAYS_MAX, description="有效天数 / days that it is good for")] = 30


class VoucherView(BaseModel):
    """A voucher; its points are held until it is paid with, or closed."""

    model_config = ConfigDict(from_attributes=True)

    id: Annotated[uuid.UUID, Field(validation_alias="voucher_id")]
    community_code: str
    number: int
    points: int
    issued_at: Moment
    expires_at: Moment
    revoked_at: Moment | None
    closes_at: Annotated[Moment, Field(description="商户最迟补录时间 / until when tills may post it")]
    closed_at: Moment | None
    redemption_id: uuid.UUID | None


class ReportBody(BaseModel):
    """A voucher that a till took, under an id of the till's own, by its clock."""

    model_config = ConfigDict(extra="forbid")

    presentation_id: uuid.UUID
    token: Annotated[str, Field(min_length=20, max_length=1000, pattern=r"^[\w.-]+$", description="二维码内容")]
    presented_at: Moment


class PresentRequest(BaseModel):
    """What a till took since it last had a network."""

    model_config = ConfigDict(extra="forbid")

    merchant_id: uuid.UUID
    reports: Annotated[list[ReportBody], Field(min_length=1, max_length=200)]


class PresentationView(BaseModel):
    """What was decided on a voucher that a till took; the reason is of `judge`'s list."""

    model_config = ConfigDict(from_attributes=True)

    presentation_id: uuid.UUID
    presented_at: Moment
    posted_at: Moment
    state: Annotated[str, Field(description="paid 已入账、refused 不予入账、waiting 待解冻")]
    reason: str | None


class VoucherKeyView(BaseModel):
    """The public key (Ed25519, PEM) that vouchers are checked with."""

    key: str


@router.post(
    "/vouchers", status_code=201, summary="开具纸质券 / Issue a voucher", responses=responses(OutOfScope, *REFUSALS)
)
async def post_voucher(body: VoucherRequest, request: Request, session: Transaction, who: Caller) -> VoucherView:
    """Hold the resident's points for a voucher on paper."""
    own = resident_of(who)
    command = IssueVoucher(own.resident_id, own.home_community, body.points, body.days)
    voucher = await issue_voucher(session, command, request.app.state.voucher_key, now=datetime.now(UTC))
    return VoucherView.model_validate(voucher)


@router.get("/vouchers", summary="纸质券列表 / Vouchers", responses=responses(OutOfScope))
async def list_vouchers(
    session: Transaction,
    who: Caller,
    community_code: Annotated[CommunityCode | None, Query(description="工作人员必填 / for staff")] = None,
) -> list[VoucherView]:
    """List a resident's own vouchers, or to staff those of their community."""
    if community_code is None:
        own = await vouchers_of(session, resident_of(who).resident_id)
        return [VoucherView.model_validate(one) for one in own]
    who.require(community_code, *STAFF, "auditor")
    return [VoucherView.model_validate(one) for one in await vouchers_in(session, community_code)]


@router.get(
    "/vouchers/{voucher_id}/paper",
    summary="打印纸质券 / Print a voucher",
    response_class=Response,
    responses={**responses(VoucherUnknown), 200: {"content": {"application/pdf": {}}}},
)
async def read_paper(voucher_id: uuid.UUID, session: Transaction, who: Caller) -> Response:
    """Give out a voucher: one page in large print with its code."""
    return Response(await print_voucher(session, voucher_id, who), media_type="application/pdf")


@router.post(
    "/vouchers/{voucher_id}/revocation",
    status_code=201,
    summary="纸质券挂失 / Revoke a voucher",
    responses=responses(VoucherUnknown, VoucherClosed),
)
async def post_revocation(voucher_id: uuid.UUID, session: Transaction, who: Caller) -> VoucherView:
    """Revoke a voucher that was lost: its resident, or staff for it."""
    voucher = await get_voucher(session, voucher_id, who)
    await revoke_voucher(session, voucher, by=who.subject, now=datetime.now(UTC))
    return VoucherView.model_validate(voucher)


@router.get("/voucher-key", summary="纸质券公钥 / The key of vouchers")
async def read_key(request: Request, _: Caller) -> VoucherKeyView:
    """Tell the key with which a till checks vouchers, to be kept for when there is no network."""
    return VoucherKeyView(key=request.app.state.voucher_key.public)


@router.post(
    "/voucher-presentations",
    status_code=201,
    summary="补录纸质券 / Post vouchers taken",
    responses=responses(MerchantUnknown, OutOfScope),
)
async def post_presentations(body: PresentRequest, session: Transaction, who: Caller) -> list[PresentationView]:
    """Post what a till took without a network; each is answered, and all are kept."""
    shop = await get_merchant(session, body.merchant_id)
    code = shop.community_code or ""
    require_till(who, body.merchant_id, code)
    reports = [Report(**one.model_dump()) for one in body.reports]
    command = PresentVouchers(code, body.merchant_id, reports)
    decided = await present_vouchers(session, command, now=datetime.now(UTC))
    return [PresentationView.model_validate(one) for one in decided]


@router.get(
    "/merchants/{merchant_id}/voucher-presentations",
    summary="补录结果 / Vouchers posted",
    responses=responses(MerchantUnknown, OutOfScope),
)
async def list_presentations(merchant_id: uuid.UUID, session: Transaction, who: Caller) -> list[PresentationView]:
    """List what a merchant's tills posted and what was decided, to the merchant and to staff."""
    code = (await get_merchant(session, merchant_id)).community_code or ""
    if not acts_for(who, merchant_id, code):
        who.require(code, *STAFF, "auditor")
    return [PresentationView.model_validate(one) for one in await presentations_to(session, code, merchant_id)]
