"""Takes in which communities take part."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.tables import Community
from shared.events.operations import CommunityRegistered
from shared.put import put


async def note_community(session: AsyncSession, event: CommunityRegistered) -> None:
    """Note a community, under its latest name."""
    await put(session, Community, {"community_code": event.community_code}, {"name": event.name})
