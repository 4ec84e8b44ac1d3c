"""Register a community: it takes part from now on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityAlreadyRegistered, CommunityUnknown
from services.operations.communities.tables import Community, CommunityReference
from shared.events.operations import CommunityRegistered
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Registration:
    """Who registers which community, and when."""

    code: str
    by: str
    now: datetime


async def register(session: AsyncSession, command: Registration) -> None:
    """Register a community and tell the other services.

    Raises:
        CommunityUnknown: The reference list does not have the code.
        CommunityAlreadyRegistered: It takes part already.
    """
    reference = await session.get(CommunityReference, command.code)
    if reference is None:
        raise CommunityUnknown(code=command.code)
    registered = await session.scalar(
        insert(Community)
        .values(community_code=command.code, registered_at=command.now, registered_by=command.by)
        .on_conflict_do_nothing()
        .returning(Community.community_code)
    )
    if registered is None:
        raise CommunityAlreadyRegistered(code=command.code)
    await publish(session, CommunityRegistered(community_code=command.code, name=reference.name))
