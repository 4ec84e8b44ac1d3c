"""Count something that happened towards the contracts that it belongs to."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.tables import Community
from services.operations.contracts.tables import Contract
from services.operations.kpis.rules import Measure, period_of
from services.operations.kpis.tables import KpiEvidence, KpiMeasurement


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened: `source_id` is unique per measure, `amount` is in the measure's unit (points, or 1)."""

    community_code: str
    measure: Measure
    source_id: uuid.UUID
    amount: int
    occurred_at: datetime
    merchant_id: uuid.UUID | None = None


async def count(session: AsyncSession, command: Happening) -> None:
    """Keep a happening as evidence, and move the measurement of each contract that it belongs to.

    The same happening counts once, whatever brings it again.
    """
    # Sealing a contract in this community waits for us or we for it: either way its measurement misses nothing.
    await session.execute(
        select(Community.community_code)
        .where(Community.community_code == command.community_code)
        .with_for_update(key_share=True, read=True)
    )
    period = period_of(command.occurred_at)
    added = await session.scalar(
        insert(KpiEvidence)
        .values(
            community_code=command.community_code,
            measure=command.measure,
            source_id=command.source_id,
            period=period,
            merchant_id=command.merchant_id,
            amount=command.amount,
            occurred_at=command.occurred_at,
        )
        .on_conflict_do_nothing()
        .returning(KpiEvidence.source_id)
    )
    if added is None:
        return
    moved = select(Contract.community_code, Contract.id, Contract.period, literal(command.amount)).where(
        Contract.community_code == command.community_code,
        Contract.measure == command.measure,
        Contract.period == period,
        or_(Contract.merchant_id.is_(None), Contract.merchant_id == command.merchant_id),
    )
    row = insert(KpiMeasurement).from_select(["community_code", "contract_id", "period", "measured"], moved)
    await session.execute(
        row.on_conflict_do_update(
            index_elements=[KpiMeasurement.community_code, KpiMeasurement.contract_id, KpiMeasurement.period],
            set_={"measured": KpiMeasurement.measured + row.excluded.measured},
        )
    )
