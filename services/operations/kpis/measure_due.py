"""Measure a contract for the months that have just ended."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.tables import Contract
from services.operations.kpis.measure import measure
from services.operations.kpis.rules import period_of

MONTHS_LOOKED_BACK = 2  # an event that comes late still finds its month open


async def measure_due(session: AsyncSession, key: tuple[str, uuid.UUID], now: datetime) -> int:
    """Measure a contract for the months that have just ended; returns how many results are new."""
    contract = await session.get_one(Contract, key)
    period, new = period_of(now), 0
    for _ in range(MONTHS_LOOKED_BACK):
        period = (period - timedelta(days=1)).replace(day=1)
        new += await measure(session, contract, period, now)
    return new
