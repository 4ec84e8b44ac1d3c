"""Count something that happened towards the KPIs of its community and month."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.kpis.rules import Measure, period_of
from services.operations.kpis.tables import NOBODY


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened: `source_id` is unique per measure, `amount` is in the measure's unit (points, or 1)."""

    community_code: str
    measure: Measure
    source_id: uuid.UUID
    amount: int
    occurred_at: datetime
    merchant_id: uuid.UUID | None = None


# Built once: building the statement for each event takes longer than running it.
_COUNT = text(f"""
    WITH counted AS (
        INSERT INTO kpi_evidence (community_code, measure, source_id, period, merchant_id, amount, occurred_at)
        VALUES (:community_code, :measure, :source_id, :period, :merchant_id, :amount, :occurred_at)
        ON CONFLICT DO NOTHING
        RETURNING community_code, period, measure, coalesce(merchant_id, '{NOBODY}') AS merchant_id, amount
    )
    INSERT INTO kpi_tally AS known (community_code, period, measure, merchant_id, number, amount)
    SELECT community_code, period, measure, merchant_id, 1, amount FROM counted
    ON CONFLICT (community_code, period, measure, merchant_id)
        DO UPDATE SET number = known.number + 1, amount = known.amount + excluded.amount
""")  # noqa: S608 - a constant of ours


async def count(session: AsyncSession, command: Happening) -> None:
    """Keep a happening as evidence, and move its month's sums; it counts once, whatever brings it again."""
    await session.execute(_COUNT, {**asdict(command), "period": period_of(command.occurred_at)})
