"""What operations tells about communities."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.communities.tables import Community
from shared.events.operations import CommunityRegistered
from shared.put import put


async def note_registered(session: AsyncSession, event: CommunityRegistered) -> None:
    """Note that a community takes part; told again, it has its newest name."""
    await put(session, Community, {"community_code": event.community_code}, {"name": event.name})
