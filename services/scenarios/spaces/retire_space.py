"""Retire a space."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.spaces.queries import find_space, lock_spaces
from services.scenarios.spaces.tables import Space
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class RetireSpace:
    """A space that is let no more: a wall is gone, and with it the half of a hall."""

    space_id: uuid.UUID
    by: Identity
    now: datetime


async def retire_space(session: AsyncSession, command: RetireSpace) -> Space:
    """Take no new bookings of a space; those that stand are kept. Retired again, it stays as it is.

    Raises:
        SpaceUnseen: There is no such space.
        OutOfScope: The caller is no staff of the community.
    """
    space = await find_space(session, command.space_id)
    command.by.require(space.community_code, *STAFF_ROLES)
    await lock_spaces(session, space.community_code, Space.id == space.id)
    space.retired_at = space.retired_at or command.now
    await session.flush()
    return space
