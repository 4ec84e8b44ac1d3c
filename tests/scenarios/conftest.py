"""What the tests of scenarios stand on: communities, a space and an activity."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Protocol

import pytest
from sqlalchemy import text

from services.scenarios.activities.publish_activity import PublishActivity, publish_activity
from services.scenarios.activities.tables import Activity
from services.scenarios.communities.consumers import note_registered
from services.scenarios.spaces.publish_space import PublishSpace, publish_space
from services.scenarios.spaces.rules import Opening, Terms
from services.scenarios.spaces.tables import Space
from shared.database import Database
from shared.events.operations import CommunityRegistered
from tests.ground import MakeDatabase, ServiceClient, StartApi
from tests.scenarios.people import ACTIVITY, COMMUNITY, NEXT_COMMUNITY, NOW, OPERATOR

CLIENTS = 24
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


class PublishSpaceNamed(Protocol):
    """Publishes a space, whole or made of others."""

    async def __call__(self, name: str, *parts: Space) -> Space:
        """Publish it."""


class PublishActivityFor(Protocol):
    """Publishes an activity with so many seats."""

    async def __call__(self, capacity: int, **terms: Any) -> Activity:  # noqa: ANN401 - of PublishActivity
        """Publish it."""


async def until_one_waits(database: Database) -> None:
    """Return once somebody waits for a lock."""
    waiting = 0
    while not waiting:  # it is the server that tells
        await asyncio.sleep(0.01)
        async with database.transaction() as session:
            waiting = await session.scalar(WAITING) or 0


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


@pytest.fixture
def publish_named(database: Database, terms: Terms) -> PublishSpaceNamed:
    """Publish a space, as `await publish_named("会议室")` or `await publish_named("礼堂", left, right)`."""

    async def publish(name: str, *parts: Space) -> Space:
        part_ids = tuple(part.id for part in parts)
        async with database.transaction() as session:
            return await publish_space(session, PublishSpace(COMMUNITY, name, terms, OPERATOR, NOW, part_ids))

    return publish


@pytest.fixture
def publish_for(database: Database) -> PublishActivityFor:
    """Publish an activity with so many seats, as `await publish_for(20)`."""

    async def publish(capacity: int, **terms: Any) -> Activity:  # noqa: ANN401 - of PublishActivity
        yesterday = NOW - timedelta(days=1)
        command = PublishActivity(
            COMMUNITY, "volunteering", "清洁楼道", capacity, *ACTIVITY, OPERATOR, yesterday, **terms
        )
        async with database.transaction() as session:
            return await publish_activity(session, command)

    return publish
