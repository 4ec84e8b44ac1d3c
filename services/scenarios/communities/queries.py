"""Reads about communities."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.communities.rules import CommunityNotRegistered
from services.scenarios.communities.tables import Community


async def require_registered(session: AsyncSession, community_code: str) -> None:
    """Refuse unless the community takes part.

    Raises:
        CommunityNotRegistered: It does not.
    """
    if not await session.scalar(select(exists().where(Community.community_code == community_code))):
        raise CommunityNotRegistered(community_code=community_code)
