"""HTTP of barter."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.operations.barter import queries
from services.operations.barter.deliver_service import ServiceDelivery, deliver_service
from services.operations.barter.rules import BarterUnseen, DeliveryTooDear, ServiceNotInCatalogue, TrueUpOutOfOrder
from services.operations.barter.true_up import TrueUpOrder, true_up
from services.operations.contracts.api import readable
from services.operations.contracts.queries import get
from services.operations.contracts.rules import ContractUnseen
from services.operations.terms.rules import Text
from shared import problems
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/contracts/{contract_id}/barter", tags=["以场地换服务 barter"], route_class=IdempotentRoute)

Number = Annotated[int, Field(ge=1, le=2_000)]


class ServiceBody(BaseModel):
    """A verified quantity of a catalogue service in a month of the term."""

    line_no: Number
    seq: Number
    service: Text
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]
    evidence: Text


class TrueUpBody(BaseModel):
    """A month of the term that is to be trued up."""

    line_no: Number
    seq: Number


class TrueUpView(BaseModel):
    """What a month came to, in fen; positive is owed, or paid, by the provider."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    rent_fen: int
    service_fen: int
    brought_fen: int
    paid_fen: int
    carried_fen: int


@router.post(
    "/deliveries",
    status_code=201,
    summary="登记抵租服务 / Record a service for space",
    responses=problems.responses(
        ContractUnseen, BarterUnseen, ServiceNotInCatalogue, DeliveryTooDear, TrueUpOutOfOrder, OutOfScope
    ),
)
async def deliver_barter_service(
    contract_id: uuid.UUID, body: ServiceBody, session: Transaction, who: Caller
) -> ServiceBody:
    """Record a verified delivery; takes an official or the desk of the community."""
    contract = await get(session, contract_id)
    who.require(contract.community_code, "official", "desk")
    command = ServiceDelivery(**body.model_dump(), by=who.subject, now=datetime.now(UTC))
    await deliver_service(session, contract, command)
    return body


@router.post(
    "/true-ups",
    status_code=201,
    summary="清算差额 / True up a month",
    responses=problems.responses(ContractUnseen, BarterUnseen, TrueUpOutOfOrder, OutOfScope),
)
async def true_up_month(contract_id: uuid.UUID, body: TrueUpBody, session: Transaction, who: Caller) -> TrueUpView:
    """Compare rent and service of a month; takes an official of the area."""
    contract = await get(session, contract_id)
    who.require(contract.community_code, "official")
    row = await true_up(session, contract, TrueUpOrder(body.line_no, body.seq, who.subject, datetime.now(UTC)))
    return TrueUpView.model_validate(row)


@router.get("/{line_no}", summary="历期清算 / True-ups", responses=problems.responses(ContractUnseen, OutOfScope))
async def list_true_ups(contract_id: uuid.UUID, line_no: Number, session: Transaction, who: Caller) -> list[TrueUpView]:
    """List what the months came to; for the area's staff and the contract's parties."""
    contract = await readable(session, contract_id, who)
    return [TrueUpView.model_validate(row) for row in await queries.true_ups(session, contract, line_no)]
