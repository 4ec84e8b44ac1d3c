"""The worker of points, on a book that has something new."""

import asyncio
import json
import uuid

import pytest
from asgi_lifespan import LifespanManager
from sqlalchemy import select

from services.points.proof.tables import Seal
from services.points.worker import create_app
from shared.database import Database
from tests.ground import MakeDatabase
from tests.points.book import grant
from tests.points.proof.ground import PRIVATE_KEY
from tests.shape.tree import DATABASES


async def test_the_worker_seals_what_was_posted(make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    points, *others = [await make_database(name) for name in DATABASES]
    monkeypatch.setenv("LINLI_DATABASE_URL", points.app)
    monkeypatch.setenv("LINLI_SEAL_PRIVATE_KEY", PRIVATE_KEY)
    monkeypatch.setenv("LINLI_EVENTS", "postgres")
    readers = {one.service: one.reader for one in others}
    monkeypatch.setenv("LINLI_LOG_DATABASES", json.dumps(readers))
    monkeypatch.setattr("services.points.worker.SEAL_EVERY_S", 0.1)
    database = Database(points.app, name="test")
    async with database.transaction() as session:
        await grant(session, uuid.uuid4(), 5)
    async with LifespanManager(create_app()), asyncio.timeout(60):
        sealed = None
        while sealed is None:
            await asyncio.sleep(0.05)
            async with database.transaction() as session:
                sealed = await session.scalar(select(Seal.count))
    await database.close()
    assert sealed == 1
