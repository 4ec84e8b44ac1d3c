"""The one row that a key has: new or in place of what it was, whoever comes at the same time."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from services.scenarios.communities.tables import Community
from shared.database import Database
from shared.put import put
from tests.ground import MakeDatabase

CROWD = 32
KEY = {"community_code": "330102001051"}


@pytest.fixture
async def database(make_database: MakeDatabase) -> AsyncIterator[Database]:
    database = Database((await make_database("scenarios")).app, name="test", pool_size=CROWD)
    yield database
    await database.close()


async def test_of_32_who_put_a_row_at_once_each_gets_its_own_back_and_one_row_stands(database: Database) -> None:
    async def name(name: str) -> str:
        async with database.transaction() as session:
            return (await put(session, Community, KEY, {"name": name})).name

    names = [f"{number} 号" for number in range(CROWD)]
    assert await asyncio.gather(*map(name, names)) == names
    async with database.transaction() as session:
        assert (await session.scalars(select(Community.name))).one() in names


async def test_a_row_that_the_session_has_read_is_as_it_was_put(database: Database) -> None:
    async with database.transaction() as session:
        first = await put(session, Community, KEY, {"name": "一"})
        assert await put(session, Community, KEY, {"name": "二"}) is first
        assert first.name == "二"
