"""Set the tiers of honour of an area, as two persons have decided."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.honours.tables import TierScheme


async def set_tiers(session: AsyncSession, area: str, months: int | None, tiers: Sequence[dict[str, Any]]) -> None:
    """Put the next version of an area's tiers in force.

    Args:
        session: The transaction.
        area: Whose communities count.
        months: Over how many months earned points count; None for ever.
        tiers: Name and least points of each, the lowest first.
    """
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('tiers ' || :area, 0))"), {"area": area})
    latest = await session.scalar(select(func.max(TierScheme.version)).where(TierScheme.area == area))
    session.add(TierScheme(area=area, version=(latest or 0) + 1, months=months, tiers=list(tiers)))
    await session.flush()
