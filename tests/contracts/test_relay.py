"""The relay: what is committed comes to Kafka, whatever dies on the way."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from sqlalchemy import text

from deploy.kafka.broker import Broker
from shared.log.kafka import KafkaWriter
from shared.relay import Relay
from tests.contracts.process import process_of
from tests.contracts.world import World, per_key, running, take_up, told_by

pytestmark = [pytest.mark.kafka, pytest.mark.parametrize("still_world", ["kafka"], indirect=True)]


class Dying(KafkaWriter):
    """Loses heart after each of its first writes, when the log has them and the relay does not know it."""

    deaths = 3

    async def write(self, topic: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Write, and fail."""
        await super().write(topic, messages)
        if self.deaths:
            self.deaths -= 1
            raise ConnectionResetError("after the fact")


def relay_of(world: World, process: str) -> Relay:
    relay = world.relay(process)
    assert relay
    return relay


async def test_of_two_relays_one_ships(still_world: World) -> None:
    told = [(f"key-{n % 7}", n) for n in range(300)]
    async with running(relay_of(still_world, "one").run()), running(relay_of(still_world, "two").run()):
        for one in told:
            await still_world.publish(one)
        await still_world.shipped()
    got = told_by(await take_up(still_world.reader(), len(told)))
    assert Counter(got) == Counter(told)
    assert (await still_world.reader().lag())[still_world.topic][0] == 0


async def test_a_relay_takes_over_from_one_that_fell_silent(still_world: World) -> None:
    async with still_world.producer.transaction() as session:
        await session.execute(
            text("INSERT INTO lease VALUES (:name, 'silent', clock_timestamp() + interval '1 second')"),
            {"name": f"relay {still_world.topic}"},
        )
    await still_world.publish(("a", 1))
    async with running(relay_of(still_world, "next").run()):
        assert told_by(await take_up(still_world.reader(), 1)) == [("a", 1)]


async def test_a_crash_between_the_logs_acknowledgement_and_the_cursor_has_one_effect(still_world: World) -> None:
    assert still_world.kafka
    told = [(f"key-{n % 5}", n) for n in range(200)]
    await still_world.publish(*told)
    relay = Relay(still_world.topic, still_world.producer, Dying(still_world.kafka), "dying")
    async with running(relay.run()):
        await still_world.shipped()
    messages = await take_up(still_world.reader(), 4 * len(told))
    await still_world.inbox().take(messages)
    assert per_key(await still_world.effects()) == per_key(told)


async def test_a_relay_killed_again_and_again_loses_nothing(still_world: World) -> None:
    told = [(f"key-{n % 11}", n) for n in range(6_000)]

    async def produce() -> None:
        for n in range(0, len(told), 20):
            await still_world.publish(*told[n : n + 20])

    async with running(still_world.inbox().run(still_world.reader())):
        producing = asyncio.create_task(produce())
        for part in (1, 2, 3):
            async with process_of(still_world, "relay"):
                await still_world.until_effects(part * 1_000)
        async with process_of(still_world, "relay"):
            await producing
            effects = await still_world.until_effects(len(told))
    assert per_key(effects) == per_key(told)


async def test_a_killed_broker_loses_nothing_and_is_waited_for(still_world: World, own_broker: Broker) -> None:
    still_world.kafka = own_broker.address
    told = [(f"key-{n % 11}", n) for n in range(400)]
    async with running(still_world.inbox().run(still_world.reader())):
        async with running(relay_of(still_world, "one").run()):
            await still_world.publish(*told[:200])
            await still_world.until_effects(100)
            own_broker.kill()
            await still_world.publish(*told[200:])
            await asyncio.sleep(0.5)
        # a relay that writes to a dead broker has been stopped
        own_broker.start()
        async with running(relay_of(still_world, "two").run()):
            effects = await still_world.until_effects(len(told))
    assert per_key(effects) == per_key(told)


async def test_a_topic_is_made_as_it_is_declared(still_world: World) -> None:
    assert still_world.kafka
    writer = KafkaWriter(still_world.kafka)
    await writer.write(still_world.topic, [("a", b"{}")])
    await writer.stop()
    admin = AIOKafkaAdminClient(bootstrap_servers=still_world.kafka)
    await admin.start()
    [topic] = await admin.describe_topics([still_world.topic])
    [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, still_world.topic)])
    await admin.close()
    configs = {name: value for name, value, *_ in answer.resources[0][4]}
    assert len(topic["partitions"]) == 4
    assert configs["retention.ms"] == str(24 * 60 * 60 * 1000)
