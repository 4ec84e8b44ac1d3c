"""Record a purchase that took no tender."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.anomalies.tables import Purchase


@dataclass(frozen=True, slots=True)
class NewPurchase:
    """What was bought from whom, for how much in fen, on which invoice."""

    community_code: str
    provider_id: uuid.UUID
    category: str
    amount_fen: int
    invoice_number: str
    bought_on: date
    recorded_by: str
    recorded_at: datetime


async def record_purchase(session: AsyncSession, command: NewPurchase) -> uuid.UUID:
    """Record a purchase; returns its id. Whether it looks wrong is asked later, by somebody else."""
    row = Purchase(**asdict(command))
    session.add(row)
    await session.flush()
    return row.id
