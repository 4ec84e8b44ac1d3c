"""A statement that goes past SQLAlchemy keeps to the session's transaction, and fails as SQLAlchemy's own do."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.database import Database, SetStatement, is_passing
from tests.ground import MakeDatabase

_ADD = SetStatement("""
    INSERT INTO lease (name, owner, expires_at) SELECT name, 'test', now() FROM unnest(CAST(:names AS text[])) AS name
""")
_READ = SetStatement("""
    SELECT name FROM lease WHERE name = ANY(CAST(:names AS text[])) AND name <> CAST(:other AS text) ORDER BY name
""")


@pytest.fixture
async def database(make_database: MakeDatabase) -> Database:
    return Database((await make_database("points")).app, name="test")


async def read(database: Database) -> list[str]:
    async with database.transaction() as session:
        return [row["name"] for row in await _READ.run(session, {"names": ["a", "b"], "other": ""})]


async def test_it_is_undone_with_the_transaction_even_when_it_is_the_first_of_it(database: Database) -> None:
    async with database.transaction() as session:
        await _ADD.run(session, {"names": ["a"]})
        await session.rollback()
    assert await read(database) == []
    async with database.transaction() as session:
        await _ADD.run(session, {"names": ["a", "b"]})
    assert await read(database) == ["a", "b"]


async def test_a_broken_constraint_undoes_what_its_savepoint_holds_and_no_more(database: Database) -> None:
    async with database.transaction() as session:
        await _ADD.run(session, {"names": ["a"]})
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                await _ADD.run(session, {"names": ["b", "a"]})
    assert await read(database) == ["a"]


async def test_what_the_server_refuses_does_not_pass_by(database: Database) -> None:
    with pytest.raises(DBAPIError, match="division by zero") as refused:
        async with database.transaction() as session:
            await SetStatement("SELECT 1 / CAST(:by AS bigint)").run(session, {"by": 0})
    assert not is_passing(refused.value)


async def lose_its_connection(database: Database) -> None:
    async with database.transaction() as session:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
        async with database.transaction() as other:
            await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        await asyncio.sleep(0.1)
        with pytest.raises(DBAPIError) as lost:
            await _READ.run(session, {"names": ["a"], "other": ""})
        assert is_passing(lost.value)
        raise lost.value


async def test_a_connection_that_is_lost_passes_by_and_the_next_transaction_has_another(database: Database) -> None:
    with pytest.raises(DBAPIError):
        await lose_its_connection(database)
    assert await read(database) == []
