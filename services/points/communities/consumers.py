"""Takes in which communities take part."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.tables import Community
from shared.events.operations import CommunityRegistered


async def note_community(session: AsyncSession, event: CommunityRegistered) -> None:
    """Note a community, under its latest name."""
    row = insert(Community).values(community_code=event.community_code, name=event.name)
    await session.execute(
        row.on_conflict_do_update(index_elements=[Community.community_code], set_={"name": row.excluded.name})
    )
