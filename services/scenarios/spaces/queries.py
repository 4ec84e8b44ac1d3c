"""Reads about spaces."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.spaces.rules import SpaceUnseen
from services.scenarios.spaces.tables import Space


async def find_space(session: AsyncSession, space_id: uuid.UUID) -> Space:
    """Return a space.

    Raises:
        SpaceUnseen: There is none with this id.
    """
    space = await session.scalar(select(Space).where(Space.id == space_id))
    if space is None:
        raise SpaceUnseen(space_id=str(space_id))
    return space
