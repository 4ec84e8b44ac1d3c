"""Enter a need, a resource or a project on its list."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from services.operations.covenants.rules import Kind
from services.operations.covenants.tables import ListEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """What is entered, and by whom; `party` is an organisation, never a person's name."""

    community_code: str
    kind: Kind
    category: str
    title: str
    party: str
    unit: str
    quantity: int
    first_day: date
    last_day: date
    entered_by: str
    entered_at: datetime


async def enter(session: AsyncSession, command: Entering) -> uuid.UUID:
    """Enter something on its list.

    Raises:
        CommunityNotRegistered: The community does not take part.
    """
    if await session.get(Community, command.community_code) is None:
        raise CommunityNotRegistered(code=command.community_code)
    row = ListEntry(**asdict(command))
    session.add(row)
    await session.flush()
    return row.id
