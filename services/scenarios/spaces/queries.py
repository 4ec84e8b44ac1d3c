"""Reads about spaces."""

import uuid
from collections.abc import Sequence

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


async def list_spaces(
    session: AsyncSession, community_code: str, after: uuid.UUID | None, most: int
) -> Sequence[Space]:
    """Return a community's spaces in the order they were published, after the one with the id `after`."""
    query = select(Space).where(Space.community_code == community_code).order_by(Space.id).limit(most)
    return (await session.scalars(query.where(Space.id > after) if after else query)).all()
