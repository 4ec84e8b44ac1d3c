"""What only PostgreSQL as the log has to see to itself."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import database as shared_database
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


async def test_a_topic_whose_database_is_away_keeps_no_other_waiting_and_is_read_when_it_is_back(
    databases: dict[str, Database],
) -> None:
    for topic in ("points", "scenarios"):
        async with databases[topic].transaction() as session:
            await publish(session, *counted((topic, 1)))
    consumer = databases.pop("operations")
    away = Database("postgresql://linli_log:x@127.0.0.1:1/points", name="test")
    outboxes = {"points": away, "scenarios": databases["scenarios"]}
    reader = PostgresReader("operations", consumer, outboxes, "process-1")
    heard = told_by(await fetch_some(reader))
    await reader.acknowledge()
    outboxes["points"] = databases["points"]
    heard += told_by(await fetch_some(reader))
    await reader.stop()
    for database in (away, consumer):
        await database.close()
    assert heard == [("scenarios", 1), ("points", 1)]


async def test_a_transaction_that_hangs_does_not_hold_up_the_log_for_ever(
    make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_database, "IDLE_IN_TRANSACTION_TIMEOUT_MS", 300)
    points = Database((await make_database("points")).app, name="test")
    reader = PostgresReader("operations", points, {"points": points}, "process-1")
    hung = await points.engine.connect()
    await hung.execute(text("SELECT pg_current_xact_id()"))
    async with points.transaction() as session:
        await publish(session, *counted(("a", 1)))
    assert told_by(await fetch_some(reader)) == [("a", 1)]
    with pytest.raises(DBAPIError, match=r"terminat|closed"):
        await hung.execute(text("SELECT 1"))
    await hung.invalidate()
    await hung.close()
    await reader.stop()
    await points.close()


@pytest.mark.proves("G9")
async def test_the_number_of_a_person_in_a_text_leaves_masked(databases: dict[str, Database]) -> None:
    async with databases["points"].transaction() as session:
        await publish(session, *counted(("致电13712349050", 7), ("330102001051", 1)))
    reader = PostgresReader("operations", databases["operations"], databases, "process-1")
    assert told_by(await fetch_some(reader)) == [("致电137****9050", 7), ("330102001051", 1)]
    await reader.stop()
