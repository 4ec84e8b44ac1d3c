"""What operations tells about communities."""

from sqlalchemy import select

from services.scenarios.communities.consumers import note_registered
from services.scenarios.communities.tables import Community
from shared.database import Database
from shared.events.operations import CommunityRegistered
from tests.scenarios.people import COMMUNITY


async def test_a_community_registered_again_keeps_one_row_with_its_newest_name(database: Database) -> None:
    async with database.transaction() as session:
        for name in ("旧名", "新名"):
            await note_registered(session, CommunityRegistered(community_code=COMMUNITY, name=name))
        names = (await session.scalars(select(Community.name).where(Community.community_code == COMMUNITY))).all()
    assert names == ["新名"]
