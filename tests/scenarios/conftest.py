"""What the tests of scenarios stand on: a community, its people, a space and an activity."""

from collections.abc import AsyncIterator

import pytest

from services.scenarios.communities.consumers import note_registered
from services.scenarios.spaces.rules import Opening, Terms
from shared.database import Database
from shared.events.operations import CommunityRegistered
from tests.ground import MakeDatabase, ServiceClient, StartApi
from tests.scenarios.people import COMMUNITY, NEXT_COMMUNITY

CLIENTS = 24


async def register(database: Database) -> None:
    """Let the communities take part."""
    async with database.transaction() as session:
        for code, name in ((COMMUNITY, "东江社区"), (NEXT_COMMUNITY, "锦凤社区")):
            await note_registered(session, CommunityRegistered(community_code=code, name=name))


@pytest.fixture
async def database(make_database: MakeDatabase) -> AsyncIterator[Database]:
    """The service's database, with two communities and a connection for each client of a rush."""
    made = await make_database("scenarios")
    database = Database(made.app, name="test", pool_size=CLIENTS)
    await register(database)
    yield database
    await database.close()


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """The service's API, with two communities."""
    client = await start_api("scenarios")
    database = Database(client.database.app, name="test", pool_size=1)
    await register(database)
    await database.close()
    return client


@pytest.fixture
def terms() -> Terms:
    """Open every day from 08:00 to 22:00, by the half hour, with a quarter of an hour to clean."""
    return Terms(tuple(Opening(weekday, 480, 1320) for weekday in range(1, 8)), 30, 15, 120)
