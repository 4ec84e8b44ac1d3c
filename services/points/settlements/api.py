"""What merchants are owed, stated, approved and paid."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.points.fraud.rules import Frozen, ScreeningLate
from services.points.merchants.queries import get_merchant
from services.points.merchants.rules import MerchantUnknown, acts_for
from services.points.settlements.approve_statement import approve_statement, signing_text
from services.points.settlements.draft_statement import draft_statement
from services.points.settlements.pay_statement import pay_statement
from services.points.settlements.queries import balance_of, get_statement, lines_of, statements_of
from services.points.settlements.rules import (
    STREET_DIGITS,
    ApprovalInvalid,
    NothingToState,
    StatementClosed,
    StatementUnknown,
    reconciliation_file,
    state_of,
)
from services.points.settlements.tables import MerchantStatement
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE
from shared.idempotency import IdempotentRoute
from shared.identity import Caller, Identity
from shared.problems import responses

router = APIRouter(prefix="/settlements/{merchant_id}", tags=["商户结算 settlements"], route_class=IdempotentRoute)

Number = Annotated[int, Path(ge=1, le=10**9, description="结算单号 / the statement's number")]


class ApprovalRequest(BaseModel):
    """The signature of an official of the street."""

    model_config = ConfigDict(extra="forbid")

    signature: Annotated[
        str, Field(pattern=r"^[0-9a-f]{100,160}$", description="SM2 签名（DER，十六进制）/ of signing_text")
    ]


class PaidRequest(BaseModel):
    """By what the payment outside is known: the number of its voucher."""

    model_config = ConfigDict(extra="forbid")

    reference: Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]


class StatementView(BaseModel):
    """A statement: what its lines come to, what is to be signed, and how far it has come."""

    model_config = ConfigDict(from_attributes=True)

    community_code: str
    merchant_id: uuid.UUID
    number: int
    lines: int
    points: int
    digest: Annotated[str, Field(description="对账文件的 SM3 / over the reconciliation file")]
    state: str
    signing_text: str
    drafted_by: str
    drafted_at: Moment
    approved_by: str | None
    approved_at: Moment | None
    key: str | None
    signature: str | None
    paid_reference: str | None
    paid_at: Moment | None


class ReceivableView(BaseModel):
    """What the book owes a merchant now, and its statements, the newest first."""

    balance: int
    statements: list[StatementView]


def _view(statement: MerchantStatement) -> StatementView:
    state = state_of(approved=statement.approved_by is not None, paid=statement.paid_by is not None)
    facts = {name: getattr(statement, name, None) for name in StatementView.model_fields}
    return StatementView(**{**facts, "state": state, "signing_text": signing_text(statement)})


def _require_street(who: Identity, community_code: str) -> None:
    if who.level(community_code, "official") > STREET_DIGITS:
        raise OutOfScope(area=community_code[:STREET_DIGITS], roles="official")


async def _community(session: Transaction, merchant_id: uuid.UUID, who: Identity) -> str:
    """Return the merchant's community to itself and to those who look after its money."""
    community_code = (await get_merchant(session, merchant_id)).community_code or ""
    if not acts_for(who, merchant_id, community_code):
        who.require(community_code, "official", "operator", "auditor")
    return community_code


@router.get("", summary="商户应收与结算单 / What a merchant is owed", responses=responses(MerchantUnknown, OutOfScope))
async def read_receivable(merchant_id: uuid.UUID, session: Transaction, who: Caller) -> ReceivableView:
    """Show a merchant's balance in the book, and its statements."""
    code = await _community(session, merchant_id, who)
    statements = [_view(one) for one in await statements_of(session, code, merchant_id)]
    return ReceivableView(balance=await balance_of(session, code, merchant_id), statements=statements)


@router.post(
    "/statements",
    status_code=201,
    summary="起草结算单 / Draft a statement",
    responses=responses(MerchantUnknown, OutOfScope, NothingToState),
)
async def post_statement(merchant_id: uuid.UUID, session: Transaction, who: Caller) -> StatementView:
    """State what moved since the last statement."""
    code = await _community(session, merchant_id, who)
    who.require(code, "official", "operator")
    return _view(await draft_statement(session, code, merchant_id, who.subject, now=datetime.now(UTC)))


@router.get(
    "/statements/{number}/file",
    summary="对账文件 / Reconciliation file",
    response_class=Response,
    responses=responses(MerchantUnknown, OutOfScope, StatementUnknown),
)
async def read_file(merchant_id: uuid.UUID, number: Number, session: Transaction, who: Caller) -> Response:
    """Give a statement's lines as CSV, read from the book: its SM3 is the statement's digest."""
    code = await _community(session, merchant_id, who)
    statement = await get_statement(session, code, merchant_id, number)
    lines = await lines_of(session, code, merchant_id, after=statement.after_xid, up_to=statement.up_to_xid)
    return Response(reconciliation_file(lines), media_type="text/csv")


@router.post(
    "/statements/{number}/approval",
    summary="街道批准结算单 / Approve a statement",
    responses=responses(MerchantUnknown, OutOfScope, StatementUnknown, StatementClosed, ApprovalInvalid),
)
async def post_approval(
    merchant_id: uuid.UUID, number: Number, body: ApprovalRequest, session: Transaction, who: Caller
) -> StatementView:
    """Approve a draft, by an SM2 signature with the key of the street."""
    code = await _community(session, merchant_id, who)
    _require_street(who, code)
    statement = await get_statement(session, code, merchant_id, number, lock=True)
    await approve_statement(session, statement, body.signature, who.subject, now=datetime.now(UTC))
    return _view(statement)


@router.post(
    "/statements/{number}/paid",
    summary="登记付款 / Note the payment",
    responses=responses(MerchantUnknown, OutOfScope, StatementUnknown, StatementClosed, Frozen, ScreeningLate),
)
async def post_paid(
    merchant_id: uuid.UUID, number: Number, body: PaidRequest, session: Transaction, who: Caller
) -> StatementView:
    """Note that an approved statement was paid outside the platform."""
    code = await _community(session, merchant_id, who)
    _require_street(who, code)
    statement = await get_statement(session, code, merchant_id, number, lock=True)
    await pay_statement(session, statement, body.reference, who.subject, now=datetime.now(UTC))
    return _view(statement)
