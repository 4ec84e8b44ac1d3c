"""Add atomic units to a community."""

import uuid

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ADD = text("INSERT INTO unit (community_code) SELECT :community_code FROM generate_series(1, :count) RETURNING id")


async def add_units(session: AsyncSession, community_code: str, count: int) -> list[uuid.UUID]:
    """Add units and return their ids in order."""
    return sorted(await session.scalars(_ADD, {"community_code": community_code, "count": count}))
