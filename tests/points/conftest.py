"""A points database for each test."""

from collections.abc import AsyncIterator

import pytest

from shared.database import Database
from tests.ground import MakeDatabase


@pytest.fixture
async def points(make_database: MakeDatabase) -> AsyncIterator[Database]:
    """A points database, opened with the service's own role."""
    database = Database((await make_database("points")).app, name="test", pool_size=16)
    yield database
    await database.close()
