"""Two cells' workers, each on a database of its own, with the outboxes as the log between them."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from asgi_lifespan import LifespanManager
from sqlalchemy import select

from services.points.crossings.tables import Crossing
from services.points.worker import create_app
from shared.database import Database
from tests.ground import Keys, MakeDatabase
from tests.points.book import DONGJIANG, QINGBO
from tests.points.crossings.cells import CELLS, OTHER, request, settle_cell

PATIENCE_S = 60


async def test_what_is_asked_in_one_cell_is_decided_in_the_other_and_finished_by_its_workers(
    make_database: MakeDatabase, seal_keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {home: await make_database("points") for home in CELLS}
    async with AsyncExitStack() as running:
        opened = {home: Database(each.app, name="test") for home, each in made.items()}
        for home, database in opened.items():
            running.push_async_callback(database.close)
            await settle_cell(database)
            own = {
                f"{CELLS[home]}.{topic}": made[home].reader
                for topic in ("points", "scenarios", "operations", "gateway")
            }
            log = {**own, f"{CELLS[OTHER[home]]}.points": made[OTHER[home]].reader}
            monkeypatch.setenv("LINLI_DATABASE_URL", made[home].app)
            monkeypatch.setenv("LINLI_LOG_DATABASES", json.dumps(log))
            monkeypatch.setenv("LINLI_SEAL_PRIVATE_KEY", seal_keys.private)
            monkeypatch.setenv("LINLI_CELL", CELLS[home])
            monkeypatch.setenv("LINLI_OTHER_CELLS", json.dumps([CELLS[OTHER[home]]]))
            await running.enter_async_context(LifespanManager(create_app()))
        for home, database in opened.items():
            async with database.transaction() as session:
                await request(session, home, now=datetime.now(UTC))
        async with asyncio.timeout(PATIENCE_S):
            for home in (QINGBO, DONGJIANG):
                found = None
                while found != "captured":
                    await asyncio.sleep(0.05)
                    found = await state(opened[home])


async def state(database: Database) -> str | None:
    async with database.transaction() as session:
        return await session.scalar(select(Crossing.state))
