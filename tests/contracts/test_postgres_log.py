"""What only PostgreSQL as the log has to see to itself."""

from collections.abc import AsyncIterator

import pytest

from shared.database import Database
from shared.log.postgres import PostgresReader
from shared.outbox import publish
from tests.contracts.world import counted, fetch_some, told_by
from tests.ground import MakeDatabase


@pytest.fixture
async def databases(make_database: MakeDatabase) -> AsyncIterator[dict[str, Database]]:
    """Three services' databases, each opened with its own role."""
    opened = {s: Database((await make_database(s)).app, name="test") for s in ("points", "scenarios", "operations")}
    yield opened
    for database in opened.values():
        await database.close()


async def test_a_topic_with_a_long_backlog_does_not_keep_another_waiting(databases: dict[str, Database]) -> None:
    for topic, count in (("points", 500), ("scenarios", 1)):
        async with databases[topic].transaction() as session:
            await publish(session, *counted(*((topic, n) for n in range(count))))
    consumer = databases.pop("operations")
    reader = PostgresReader("operations", consumer, databases, "process-1")
    heard = {counter for _ in range(2) for counter, _ in told_by(await fetch_some(reader, 10))}
    await reader.stop()
    await consumer.close()
    assert heard == {"points", "scenarios"}
