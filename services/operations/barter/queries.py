"""Reads of barter."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.barter.rules import BarterUnseen
from services.operations.barter.tables import BarterDelivery, BarterTrueUp
from services.operations.contracts.queries import Sealed, require_sealed
from services.operations.contracts.tables import Contract
from services.operations.terms.rules import SpaceForService
from shared.clock import local_day


async def line_of(
    session: AsyncSession, contract: Contract, line_no: int, now: datetime
) -> tuple[Sealed, SpaceForService]:
    """Return a space for service of the contract, and the version that it stands in today.

    Raises:
        ContractUnseen: No version is sealed.
        BarterUnseen: It has none of this number.
    """
    holds = await require_sealed(session, contract, local_day(now), now)
    for line in holds.terms.lines:
        if isinstance(line, SpaceForService) and line.no == line_no:
            return holds, line
    raise BarterUnseen(line_no=line_no, seq=0)


async def delivered(session: AsyncSession, contract: Contract, line_no: int, seq: int) -> Sequence[tuple[str, int]]:
    """Return what was verified of a period: services and quantities."""
    rows = await session.execute(
        select(BarterDelivery.service, func.sum(BarterDelivery.quantity))
        .where(
            BarterDelivery.community_code == contract.community_code,
            BarterDelivery.contract_id == contract.id,
            BarterDelivery.line_no == line_no,
            BarterDelivery.seq == seq,
        )
        .group_by(BarterDelivery.service)
    )
    return [(service, int(quantity)) for service, quantity in rows]


async def true_ups(session: AsyncSession, contract: Contract, line_no: int) -> Sequence[BarterTrueUp]:
    """Return what the periods of a line came to, the first first."""
    rows = select(BarterTrueUp).where(
        BarterTrueUp.community_code == contract.community_code,
        BarterTrueUp.contract_id == contract.id,
        BarterTrueUp.line_no == line_no,
    )
    return (await session.scalars(rows.order_by(BarterTrueUp.seq))).all()
