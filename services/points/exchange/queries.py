"""Reads of corridors."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.exchange.rules import NoCorridor
from services.points.exchange.tables import Corridor


async def corridor_in_force(session: AsyncSession, from_community: str, to_community: str) -> Corridor:
    """Return the newest agreed version of a corridor.

    Raises:
        NoCorridor: The communities agreed on none.
    """
    corridor = await session.scalar(
        select(Corridor)
        .where(
            Corridor.community_code == from_community,
            Corridor.to_community == to_community,
            Corridor.agreed_at.is_not(None),
        )
        .order_by(Corridor.version.desc())
        .limit(1)
    )
    if corridor is None:
        raise NoCorridor(from_community=from_community, to_community=to_community)
    return corridor
