"""Agree on a shared space and its cost key."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from services.operations.shared_costs.tables import SharedSpace


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whose space is shared with whom, on what basis, by which key."""

    community_code: str
    name: str
    basis: str
    cost_key: Mapping[str, int]
    by: str
    now: datetime


async def agree(session: AsyncSession, command: Agreement) -> uuid.UUID:
    """Agree on a shared space.

    Raises:
        CommunityNotRegistered: One of the communities does not take part.
    """
    for code in (command.community_code, *command.cost_key):
        if await session.get(Community, code) is None:
            raise CommunityNotRegistered(code=code)
    space = SharedSpace(
        community_code=command.community_code,
        name=command.name,
        basis=command.basis,
        cost_key=dict(command.cost_key),
        agreed_at=command.now,
        agreed_by=command.by,
    )
    session.add(space)
    await session.flush()
    return space.id
