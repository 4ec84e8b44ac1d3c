"""Count something that happened towards the contracts that it belongs to."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.tables import Community
from services.operations.kpis.rules import Measure, period_of


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened: `source_id` is unique per measure, `amount` is in the measure's unit (points, or 1)."""

    community_code: str
    measure: Measure
    source_id: uuid.UUID
    amount: int
    occurred_at: datetime
    merchant_id: uuid.UUID | None = None


# Statements are built once: building them for each event takes longer than running them.
_HOLD = (
    select(Community.community_code)
    .where(Community.community_code == bindparam("community_code"))
    .with_for_update(key_share=True, read=True)
)
_COUNT = text("""
    WITH counted AS (
        INSERT INTO kpi_evidence (community_code, measure, source_id, period, merchant_id, amount, occurred_at)
        VALUES (:community_code, :measure, :source_id, :period, :merchant_id, :amount, :occurred_at)
        ON CONFLICT DO NOTHING
        RETURNING community_code, measure, period, merchant_id, amount
    )
    INSERT INTO kpi_measurement AS known (community_code, contract_id, period, measured)
    SELECT contract.community_code, contract.id, contract.period, counted.amount
    FROM contract JOIN counted USING (community_code, measure, period)
    WHERE contract.merchant_id IS NULL OR contract.merchant_id = counted.merchant_id
    ON CONFLICT (community_code, contract_id, period) DO UPDATE SET measured = known.measured + excluded.measured
""")


async def count(session: AsyncSession, command: Happening) -> None:
    """Keep a happening as evidence, and move the measurement of each contract that it belongs to.

    The same happening counts once, whatever brings it again.
    """
    # Sealing a contract in this community waits for us or we for it: either way its measurement misses nothing.
    await session.execute(_HOLD, {"community_code": command.community_code})
    await session.execute(_COUNT, {**asdict(command), "period": period_of(command.occurred_at)})
