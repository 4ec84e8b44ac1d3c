"""Record a receivable 应收."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.settlement.tables import Receivable


@dataclass(frozen=True, slots=True)
class Owed:
    """What a merchant is owed for a redemption, in points of its own community."""

    community_code: str
    redemption_id: uuid.UUID
    merchant_id: uuid.UUID
    points: int
    captured_at: datetime


async def record(session: AsyncSession, command: Owed) -> None:
    """Record what a merchant is owed; one redemption is owed once, whatever brings it again."""
    await session.execute(
        insert(Receivable)
        .values(
            community_code=command.community_code,
            redemption_id=command.redemption_id,
            merchant_id=command.merchant_id,
            points=command.points,
            captured_at=command.captured_at,
        )
        .on_conflict_do_nothing()
    )
