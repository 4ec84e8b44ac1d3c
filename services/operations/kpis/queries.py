"""Reads of KPIs."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.tables import Contract
from services.operations.kpis.tables import KpiEvidence, KpiMeasurement


async def measured(session: AsyncSession, contract: Contract) -> int | None:
    """Return where a contract's KPI stands; None when nothing has been counted."""
    return await session.scalar(
        select(KpiMeasurement.measured).where(
            KpiMeasurement.community_code == contract.community_code,
            KpiMeasurement.contract_id == contract.id,
            KpiMeasurement.period == contract.period,
        )
    )


async def recompute(session: AsyncSession, contract: Contract) -> int | None:
    """Return what the evidence says that the contract's KPI measures; None when there is none."""
    counted = select(func.sum(KpiEvidence.amount)).where(
        KpiEvidence.community_code == contract.community_code,
        KpiEvidence.measure == contract.measure,
        KpiEvidence.period == contract.period,
    )
    if contract.merchant_id:
        counted = counted.where(KpiEvidence.merchant_id == contract.merchant_id)
    measured = await session.scalar(counted)
    return None if measured is None else int(measured)
