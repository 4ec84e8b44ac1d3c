"""Book a month's cost of a shared space, split by its key."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.shared_costs.rules import CostBooked, SharedSpaceUnseen, split
from services.operations.shared_costs.tables import SharedCost, SharedSpace


@dataclass(frozen=True, slots=True)
class Cost:
    """What a shared space cost in a month, in fen."""

    community_code: str
    space_id: uuid.UUID
    month: date
    amount_fen: int
    by: str
    now: datetime


async def book_cost(session: AsyncSession, command: Cost) -> dict[str, int]:
    """Book a month's cost once, and return each community's share.

    Raises:
        SharedSpaceUnseen: There is no such space.
        CostBooked: The month is booked.
    """
    space = await session.get(SharedSpace, (command.community_code, command.space_id))
    if space is None:
        raise SharedSpaceUnseen(space_id=str(command.space_id))
    shares = split(command.amount_fen, space.cost_key)
    booked = await session.scalar(
        insert(SharedCost)
        .values(
            community_code=command.community_code,
            space_id=command.space_id,
            month=command.month,
            amount_fen=command.amount_fen,
            shares=shares,
            booked_at=command.now,
            booked_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(SharedCost.id)
    )
    if booked is None:
        raise CostBooked(month=f"{command.month:%Y-%m}")
    return shares
