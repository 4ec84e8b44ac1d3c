"""The worker of operations, reading the other services' outboxes."""

import asyncio
import json
import uuid

import pytest
from asgi_lifespan import LifespanManager

from services.operations.settlement.queries import total
from services.operations.worker import create_app
from shared.database import Database
from shared.events.points import RedemptionCaptured
from shared.outbox import publish
from tests.ground import MakeDatabase
from tests.operations.ground import DONGJIANG, NOW, QINGBOMEN
from tests.shape.tree import DATABASES


async def test_a_redemption_in_the_outbox_of_points_becomes_a_receivable(
    make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {name: await make_database(name) for name in DATABASES}
    points, operations = made["points"], made["operations"]
    monkeypatch.setenv("LINLI_DATABASE_URL", operations.app)
    monkeypatch.setenv("LINLI_EVENTS", "postgres")
    readers = {name: one.reader for name, one in made.items()}
    monkeypatch.setenv("LINLI_LOG_DATABASES", json.dumps(readers))
    merchant_id = uuid.uuid4()
    event = RedemptionCaptured(
        community_code=DONGJIANG,
        redemption_id=uuid.uuid4(),
        merchant_id=merchant_id,
        points=40,
        payer_community_code=QINGBOMEN,
        paid_points=50,
        captured_at=NOW,
    )
    producer, consumer = Database(points.app, name="test"), Database(operations.app, name="test")
    async with producer.transaction() as session:
        await publish(session, event)
    async with LifespanManager(create_app()), asyncio.timeout(30):
        owed = (0, 0)
        while owed == (0, 0):
            await asyncio.sleep(0.05)
            async with consumer.transaction() as session:
                owed = await total(session, DONGJIANG, merchant_id)
    assert owed == (1, 40)
    await producer.close()
    await consumer.close()
