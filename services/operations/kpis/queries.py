"""Reads of KPIs."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.tables import Contract
from services.operations.kpis.tables import KpiMeasurement


async def measured(session: AsyncSession, contract: Contract) -> int | None:
    """Return where a contract's KPI stands; None when nothing has been counted."""
    return await session.scalar(
        select(KpiMeasurement.measured).where(
            KpiMeasurement.community_code == contract.community_code,
            KpiMeasurement.contract_id == contract.id,
            KpiMeasurement.period == contract.period,
        )
    )
