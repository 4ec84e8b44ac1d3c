"""HTTP of billing."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.operations.billing import queries
from services.operations.billing.release_retention import release_retention
from services.operations.billing.rules import AlreadyRecorded, KpiUndecided, LineUnseen, NotMatched, RetentionNotDue
from services.operations.billing.settle import Invoice, settle
from services.operations.billing.verify_delivery import Verification, verify_delivery
from services.operations.contracts.api import readable
from services.operations.contracts.queries import get
from services.operations.contracts.rules import ContractUnseen
from services.operations.contracts.tables import Contract
from services.operations.kpis.rules import KpiUnseen
from services.operations.terms.rules import BasisPoints, Fen, Text
from shared import problems
from shared.clock import local_day
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/contracts/{contract_id}", tags=["计费与结算 billing"], route_class=IdempotentRoute)

Seq = Annotated[int, Field(ge=1, le=2_000)]


class DeliveryBody(BaseModel):
    """How much of a period was delivered."""

    line_no: Seq
    seq: Seq = Field(description="期次 / the period's number")
    delivered_bp: BasisPoints
    evidence: Text


class InvoiceBody(BaseModel):
    """A provider's invoice over a period."""

    line_no: Seq
    seq: Seq
    number: Text = Field(description="发票号码")
    amount_fen: Fen


class PaymentView(BaseModel):
    """What becomes of a period, in fen; delivered = abated + retained + payable."""

    delivered: int
    abated: int
    retained: int
    payable: int


class BillView(BaseModel):
    """What a fee comes to for a period that has ended."""

    line_no: int
    seq: int
    first: date
    last: date
    due_fen: int
    payable_fen: int | None = Field(description="已结算的应付金额 / what is paid, when settled")


class ReleaseView(BaseModel):
    """What was kept back and is released."""

    amount_fen: int


@router.get("/bills", summary="到期账单 / Bills", responses=problems.responses(ContractUnseen, OutOfScope))
async def list_bills(contract_id: uuid.UUID, session: Transaction, who: Caller) -> list[BillView]:
    """List the periods of a contract's fees that have ended; for its area's staff and its parties."""
    contract = await readable(session, contract_id, who)
    now = datetime.now(UTC)
    settled = {(row.line_no, row.seq): row.payable_fen for row in await queries.settlements(session, contract)}
    return [
        BillView(
            line_no=bill.fee.no,
            seq=bill.period.seq,
            first=bill.period.first,
            last=bill.period.last,
            due_fen=bill.due_fen,
            payable_fen=settled.get((bill.fee.no, bill.period.seq)),
        )
        for bill in await queries.bills(session, contract, local_day(now), now)
    ]


@router.post(
    "/deliveries",
    status_code=201,
    summary="核实交付 / Verify a delivery",
    responses=problems.responses(ContractUnseen, LineUnseen, AlreadyRecorded, OutOfScope),
)
async def verify_contract_delivery(
    contract_id: uuid.UUID, body: DeliveryBody, session: Transaction, who: Caller
) -> DeliveryBody:
    """Record how much of a period was delivered; takes an official or the desk of the community."""
    contract = await get(session, contract_id)
    who.require(contract.community_code, "official", "desk")
    now = datetime.now(UTC)
    await verify_delivery(session, contract, Verification(**body.model_dump(), by=who.subject, now=now))
    return body


@router.post(
    "/settlements",
    status_code=201,
    summary="按发票结算 / Settle an invoice",
    responses=problems.responses(
        ContractUnseen, LineUnseen, NotMatched, KpiUnseen, KpiUndecided, AlreadyRecorded, OutOfScope
    ),
)
async def settle_invoice(contract_id: uuid.UUID, body: InvoiceBody, session: Transaction, who: Caller) -> PaymentView:
    """Settle an invoice that agrees with contract and delivery; takes an official of the area."""
    contract = await _for_official(session, contract_id, who)
    paid = await settle(session, contract, Invoice(**body.model_dump(), by=who.subject, now=datetime.now(UTC)))
    return PaymentView(delivered=paid.delivered, abated=paid.abated, retained=paid.retained, payable=paid.payable)


@router.post(
    "/retention-release",
    status_code=201,
    summary="释放质保金 / Release the retention",
    responses=problems.responses(ContractUnseen, RetentionNotDue, OutOfScope),
)
async def release_contract_retention(contract_id: uuid.UUID, session: Transaction, who: Caller) -> ReleaseView:
    """Release what was kept back, after the contract's end; takes an official of the area."""
    contract = await _for_official(session, contract_id, who)
    amount = await release_retention(session, contract, who.subject, datetime.now(UTC))
    return ReleaseView(amount_fen=amount)


async def _for_official(session: Transaction, contract_id: uuid.UUID, who: Caller) -> Contract:
    contract = await get(session, contract_id)
    who.require(contract.community_code, "official")
    return contract
