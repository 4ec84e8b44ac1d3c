"""Record a receivable 应收."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Owed:
    """What a merchant is owed for a redemption, in points of its own community; negative: what it gave back of one."""

    community_code: str
    redemption_id: uuid.UUID
    merchant_id: uuid.UUID
    points: int
    captured_at: datetime
    refund_of: uuid.UUID | None = None


# Built once: building the statement for each event takes longer than running it.
_RECORD = text("""
    INSERT INTO receivable (community_code, redemption_id, merchant_id, points, captured_at, refund_of)
    VALUES (:community_code, :redemption_id, :merchant_id, :points, :captured_at, :refund_of)
    ON CONFLICT DO NOTHING
""")


async def record(session: AsyncSession, command: Owed) -> None:
    """Record what a merchant is owed; one redemption, or part that was given back, once, whatever brings it again."""
    await session.execute(_RECORD, asdict(command))
