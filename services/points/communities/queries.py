"""Reads of communities."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.rules import CommunityUnknown
from services.points.communities.tables import Community


async def require_communities(session: AsyncSession, *codes: str) -> None:
    """Refuse unless all these communities take part.

    Raises:
        CommunityUnknown: One does not.
    """
    known = set(await session.scalars(select(Community.community_code).where(Community.community_code.in_(codes))))
    for code in codes:
        if code not in known:
            raise CommunityUnknown(community_code=code)
