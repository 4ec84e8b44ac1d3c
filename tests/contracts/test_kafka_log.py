"""What only Kafka as the log has to see to itself."""

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import select

from shared.inbox import DeadLetter
from shared.log.kafka import ensure_topics
from tests.contracts.world import World, running

pytestmark = [pytest.mark.kafka, pytest.mark.parametrize("still_world", ["kafka"], indirect=True)]


async def test_a_message_without_key_or_value_or_with_bytes_that_are_no_text_is_buried(world: World) -> None:
    """As whoever writes one by hand may make it."""
    await ensure_topics(world.kafka or "", [world.topic])
    producer = AIOKafkaProducer(bootstrap_servers=world.kafka)
    await producer.start()
    for key, value in ((None, b"x"), (b"\xff", b"x"), (b"\x00", b"x"), (b"a", None)):
        await producer.send_and_wait(world.topic, value, key, partition=0)
    await producer.stop()
    async with running(world.inbox().run(world.reader())):
        await world.publish(*((f"key-{n}", n) for n in range(8)))
        await world.until_effects(8)
    async with world.consumer.transaction() as session:
        letters = (await session.scalars(select(DeadLetter.value))).all()
    assert sorted(letters) == [b"", b"x", b"x", b"x"]
