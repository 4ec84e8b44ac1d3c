"""Record a service that was delivered for space."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.barter.queries import line_of, true_ups
from services.operations.barter.rules import TrueUpOutOfOrder, check_delivery
from services.operations.barter.tables import BarterDelivery
from services.operations.contracts.queries import hold
from services.operations.contracts.tables import Contract


@dataclass(frozen=True, slots=True)
class ServiceDelivery:
    """A quantity of a catalogue service in a month of the term, and where its verification is on file."""

    line_no: int
    seq: int
    service: str
    quantity: int
    evidence: str
    by: str
    now: datetime


async def deliver_service(session: AsyncSession, contract: Contract, command: ServiceDelivery) -> None:
    """Record a verified delivery.

    Raises:
        BarterUnseen: The contract has no such line.
        ServiceNotInCatalogue: The line has no price for it.
        DeliveryTooDear: It comes to more than any amount may.
        TrueUpOutOfOrder: The period is trued up.
    """
    await hold(session, contract)
    _, line = await line_of(session, contract, command.line_no, command.now)
    check_delivery(line, command.service, command.quantity)
    done = len(await true_ups(session, contract, command.line_no))
    if command.seq <= done:
        raise TrueUpOutOfOrder(expected=done + 1)
    session.add(
        BarterDelivery(
            community_code=contract.community_code,
            contract_id=contract.id,
            line_no=command.line_no,
            seq=command.seq,
            service=command.service,
            quantity=command.quantity,
            evidence=command.evidence,
            verified_at=command.now,
            verified_by=command.by,
        )
    )
    await session.flush()
