"""Two cells for each test."""

from collections.abc import AsyncIterator

import pytest

from shared.database import Database
from tests.ground import MakeDatabase
from tests.points.book import DONGJIANG, QINGBO
from tests.points.crossings.cells import settle_cell

Databases = dict[str, Database]


@pytest.fixture
async def databases(make_database: MakeDatabase) -> AsyncIterator[Databases]:
    """The databases of two cells, laid out, by the community that each has."""
    opened = {
        home: Database((await make_database("points")).app, name=home, pool_size=16) for home in (QINGBO, DONGJIANG)
    }
    for database in opened.values():
        await settle_cell(database)
    yield opened
    for database in opened.values():
        await database.close()
