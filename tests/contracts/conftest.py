"""The world that the event log's contract is held against, once on PostgreSQL and once on Kafka."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text

from shared.database import Database
from shared.log.topics import TOPICS, Topic
from tests.contracts.world import World, running
from tests.ground import MakeDatabase
from tests.kafka import kafka_address, own_broker

__all__ = ["kafka_address", "own_broker", "still_world", "world"]


@pytest.fixture(params=["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
async def still_world(
    request: pytest.FixtureRequest, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """A world in which no relay runs yet."""
    kafka: str | None = request.getfixturevalue("kafka_address") if request.param == "kafka" else None
    producer, consumer = await make_database("points"), await make_database("operations")
    topic = f"points-{uuid.uuid4().hex[:8]}"
    monkeypatch.setitem(TOPICS, topic, Topic(partitions=4, retention_days=1))
    async with AsyncExitStack() as opened:

        def database(url: str) -> Database:
            made = Database(url, name="test")
            opened.push_async_callback(made.close)
            return made

        async with database(consumer.owner).transaction() as session:
            await session.execute(
                text("CREATE TABLE effect (id bigint GENERATED ALWAYS AS IDENTITY, counter text, number bigint)")
            )
            await session.execute(text("GRANT SELECT, INSERT ON effect TO linli_operations"))
        world = World(topic, database(producer.app), database(consumer.app), database(producer.reader), kafka)
        opened.push_async_callback(world.stop)
        yield world


@pytest.fixture
async def world(still_world: World) -> AsyncIterator[World]:
    """A world in which what is committed comes to the log."""
    async with AsyncExitStack() as opened:
        if relay := still_world.relay("relay of the test"):
            await opened.enter_async_context(running(relay.run()))
        yield still_world
