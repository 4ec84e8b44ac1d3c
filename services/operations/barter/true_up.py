"""True up a period 清算差额."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.barter.queries import delivered, line_of, true_ups
from services.operations.barter.rules import TrueUpOutOfOrder, rent_fen, service_fen, true_up_of
from services.operations.barter.tables import BarterTrueUp
from services.operations.contracts.queries import hold
from services.operations.contracts.tables import Contract
from shared.clock import local_day


@dataclass(frozen=True, slots=True)
class TrueUpOrder:
    """Who trues up which month of the term."""

    line_no: int
    seq: int
    by: str
    now: datetime


async def true_up(session: AsyncSession, contract: Contract, command: TrueUpOrder) -> BarterTrueUp:
    """Compare rent and service of a month that has ended; months are trued up one after the other.

    Raises:
        BarterUnseen: There is no such line or month, or the month has not ended.
        TrueUpOutOfOrder: It is not the next.
    """
    await hold(session, contract)
    holds, line = await line_of(session, contract, command.line_no, command.now)
    before = await true_ups(session, contract, command.line_no)
    if command.seq != len(before) + 1:
        raise TrueUpOutOfOrder(expected=len(before) + 1)
    rent = rent_fen(line, holds.terms.starts_on, holds.terms.ends_on, command.seq, local_day(command.now))
    service = service_fen(line, await delivered(session, contract, command.line_no, command.seq))
    sums = true_up_of(rent, service, before[-1].carried_fen if before else 0, line.corridor_bp)
    row = BarterTrueUp(
        community_code=contract.community_code,
        contract_id=contract.id,
        line_no=command.line_no,
        seq=command.seq,
        version=holds.version,
        rent_fen=sums.rent,
        service_fen=sums.service,
        brought_fen=sums.brought,
        paid_fen=sums.paid,
        carried_fen=sums.carried,
        settled_at=command.now,
        settled_by=command.by,
    )
    session.add(row)
    await session.flush()
    return row
