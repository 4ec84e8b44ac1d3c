"""What operations tells about communities."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.communities.tables import Community
from shared.events.operations import CommunityRegistered


async def note_registered(session: AsyncSession, event: CommunityRegistered) -> None:
    """Note that a community takes part; told again, it has its newest name."""
    await session.execute(
        insert(Community)
        .values(community_code=event.community_code, name=event.name)
        .on_conflict_do_update(index_elements=[Community.community_code], set_={"name": event.name})
    )
