"""Reads about spaces."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.spaces.rules import Opening, SpaceUnseen, Terms
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


def terms_of(space: Space) -> Terms:
    """Return on what terms a space is booked."""
    openings = tuple(Opening(**opening) for opening in space.opening_hours)
    return Terms(openings, space.slot_minutes, space.buffer_minutes, space.longest_minutes)
