"""Reads about spaces."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.spaces.rules import Hours, Opening, SpaceRetired, SpaceUnseen, Terms
from services.scenarios.spaces.tables import Space


async def find_space(session: AsyncSession, space_id: uuid.UUID) -> Space:
    """Return a space.

    Raises:
        SpaceUnseen: There is none with this id.
    """
    return _seen(await session.scalar(select(Space).where(Space.id == space_id)), space_id)


async def find_space_to_claim(session: AsyncSession, space_id: uuid.UUID) -> Space:
    """Return a space whose units stay what they are until the transaction ends; many may hold it so at once.

    Raises:
        SpaceUnseen: There is none with this id.
        SpaceRetired: It takes no new bookings.
    """
    held = select(Space).where(Space.id == space_id).with_for_update(key_share=True, read=True)
    space = _seen(await session.scalar(held.execution_options(populate_existing=True)), space_id)
    if space.retired_at:
        raise SpaceRetired(name=space.name)
    return space


def _seen(space: Space | None, space_id: uuid.UUID) -> Space:
    if space is None:
        raise SpaceUnseen(space_id=str(space_id))
    return space


async def lock_spaces(session: AsyncSession, community_code: str, which: ColumnElement[bool]) -> Sequence[Space]:
    """Return some spaces of a community, in id order, once nobody is booking them; until the end nobody may begin."""
    spaces = await session.scalars(
        select(Space)
        .where(Space.community_code == community_code, which)
        .order_by(Space.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return spaces.all()


def terms_of(space: Space) -> Terms:
    """Return on what terms a space is booked."""
    return Terms(
        tuple(Opening(**opening) for opening in space.opening_hours),
        space.slot_minutes,
        space.buffer_minutes,
        space.longest_minutes,
        _hours(space.holiday_hours),
        _hours(space.make_up_workday_hours),
        space.approval_required,
    )


def _hours(stored: list[list[int]] | None) -> tuple[Hours, ...] | None:
    return None if stored is None else tuple((opens, closes) for opens, closes in stored)
