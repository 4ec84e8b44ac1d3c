"""What services may rely on, whichever log runs below: PostgreSQL and Kafka are held to it alike."""

import asyncio
import random
from collections import Counter

import pytest
from sqlalchemy import select

from shared.inbox import DeadLetter
from shared.log import Message, Reader
from shared.outbox import publish
from tests.contracts.process import process_of
from tests.contracts.world import World, counted, fetch_some, per_key, running, take_up, told_by


async def test_the_events_of_a_key_arrive_in_order_and_none_is_lost(world: World) -> None:
    keys = [f"key-{n}" for n in range(9)]

    async def produce(key: str) -> None:
        for n in range(0, 60, 3):
            await world.publish((key, n), (key, n + 1), (key, n + 2))

    await asyncio.gather(*(produce(key) for key in keys))
    async with running(world.inbox().run(world.reader())):
        effects = await world.until_effects(9 * 60)
    assert per_key(effects) == {key: list(range(60)) for key in keys}


async def test_a_message_is_a_cloud_event_with_its_key_and_topic(world: World) -> None:
    await world.publish(("a", 1))
    [message] = await take_up(world.reader(), 1)
    assert (message.topic, message.key) == (world.topic, "a")
    assert b'"specversion": "1.0"' in message.value
    assert b'"type": "points.counted.v1"' in message.value


async def test_a_transaction_that_rolls_back_tells_nothing(world: World) -> None:
    async with world.producer.transaction() as session:
        await publish(session, *counted(("a", 1)))
        await session.rollback()
    await world.publish(("a", 2))
    assert told_by(await take_up(world.reader(), 1)) == [("a", 2)]


async def test_a_transaction_that_commits_late_is_not_skipped(world: World) -> None:
    reader = world.reader()
    async with world.producer.transaction() as slow:
        await publish(slow, *counted(("slow", 1)))
        await world.publish(("quick", 2))
        assert await reader.fetch(10, 0.5) == []  # the quick one could still be preceded
    assert set(told_by(await take_up(reader, 2))) == {("slow", 1), ("quick", 2)}


async def test_what_begins_during_a_long_transaction_waits_and_comes_whole(world: World) -> None:
    reader = world.reader()
    await world.publish(("before", 0))
    async with world.producer.transaction() as slow:
        await publish(slow, *counted(("slow", 1)))
        await asyncio.gather(*(world.publish(("quick", n)) for n in range(50)))
        before = await take_up(reader, 1)
    after = await take_up(reader, 51)
    assert told_by(before) == [("before", 0)]
    assert Counter(told_by(after)) == Counter([("slow", 1), *(("quick", n) for n in range(50))])


async def test_a_message_that_comes_thrice_and_out_of_order_has_one_effect(world: World) -> None:
    await world.publish(*(("a", n) for n in range(50)))
    messages, inbox = await take_up(world.reader(), 50), world.inbox()
    await inbox.take(messages)
    await inbox.take(list(reversed(messages)))
    await inbox.take(random.sample(messages + messages, 100))
    assert await world.effects() == [("a", n) for n in range(50)]


async def test_two_processes_that_take_the_same_batch_at_once_have_one_effect(world: World) -> None:
    await world.publish(*(("a", n) for n in range(50)))
    messages = await take_up(world.reader(), 50)
    await asyncio.gather(*(world.inbox().take(messages) for _ in range(4)))
    assert await world.effects() == [("a", n) for n in range(50)]


async def test_what_was_not_acknowledged_comes_again(world: World) -> None:
    await world.publish(*(("a", n) for n in range(20)))
    reader = world.reader()
    first = await take_up(reader, 5, most=5)
    await fetch_some(reader, 10)
    await reader.rewind()
    assert told_by(first + await take_up(reader, 15)) == [("a", n) for n in range(20)]


async def test_a_crash_between_commit_and_acknowledgement_repeats_no_effect(world: World) -> None:
    await world.publish(*(("a", n) for n in range(20)))
    crashed = world.reader("process-1")
    await world.inbox().take(await fetch_some(crashed, 10))
    await crashed.stop()
    async with running(world.inbox().run(world.reader("process-2"))):
        assert await world.until_effects(20) == [("a", n) for n in range(20)]


async def test_each_message_goes_to_one_of_a_consumers_processes(world: World) -> None:
    told = [(f"key-{n % 17}", n) for n in range(500)]
    await world.publish(*told)
    got: list[Message] = []

    async def process(reader: Reader) -> None:
        while len(got) < len(told):
            got.extend(await reader.fetch(20, 0.2))
            await reader.acknowledge()

    async with asyncio.timeout(60):
        await asyncio.gather(process(world.reader("process-1")), process(world.reader("process-2")))
    assert Counter(told_by(got)) == Counter(told)


async def test_a_process_that_leaves_is_followed_by_another(world: World) -> None:
    reader = world.reader("process-1")
    for n in range(10):
        await world.publish(("a", n))
    taken = await take_up(reader, 4, most=4)
    await fetch_some(reader, 2)  # in hand when it leaves
    await reader.stop()
    rest = await take_up(world.reader("process-2"), 10 - len(taken))
    assert told_by(taken + rest) == [("a", n) for n in range(10)]


async def test_two_consumers_each_get_everything(world: World) -> None:
    await world.publish(("a", 1), ("a", 2))
    mine, theirs = world.reader(), world.reader(consumer="scenarios")
    assert told_by(await take_up(mine, 2)) == told_by(await take_up(theirs, 2)) == [("a", 1), ("a", 2)]


async def test_poison_goes_to_the_dead_letters_with_its_reason_and_the_others_go_on(world: World) -> None:
    world.poisoned = {3}
    await world.publish(*(("a", n) for n in range(6)))
    async with running(world.inbox().run(world.reader())):
        effects = await world.until_effects(5)
    assert effects == [("a", n) for n in (0, 1, 2, 4, 5)]
    [letter] = await dead_letters(world)
    assert (letter.topic, letter.key, letter.reason) == (world.topic, "a", "ValueError: cannot take 3")


async def test_a_dead_letter_can_be_replayed_once_its_cause_is_mended(world: World) -> None:
    world.poisoned = {1}
    await world.publish(("a", 1), ("a", 2))
    inbox = world.inbox()
    await inbox.take(await take_up(world.reader(), 2))
    [letter] = await dead_letters(world)
    with pytest.raises(ValueError, match="cannot take 1"):
        await inbox.replay(letter.event_id)
    world.poisoned = set()
    await inbox.replay(letter.event_id)
    with pytest.raises(LookupError):
        await inbox.replay(letter.event_id)
    assert await world.effects() == [("a", 2), ("a", 1)]


async def test_lag_counts_what_is_not_acknowledged_and_tells_the_age_of_the_oldest(world: World) -> None:
    reader = world.reader()
    await world.publish(*(("a", n) for n in range(10)))
    await world.shipped()
    await fetch_some(reader, 10)
    waiting, age_s = (await reader.lag())[world.topic]
    assert waiting == 10
    assert age_s > 0
    await reader.acknowledge()
    assert await reader.lag() == {world.topic: (0, 0.0)}


async def test_lag_is_known_for_what_another_process_reads(world: World) -> None:
    reader, standby = world.reader("process-1"), world.reader("process-2")
    await world.publish(*((f"key-{n}", n) for n in range(10)))
    await world.shipped()
    await take_up(reader, 10)
    await world.publish(*((f"key-{n}", n) for n in range(7)))
    await world.shipped()
    assert (await standby.lag())[world.topic][0] == 7


async def test_a_slow_consumer_is_given_no_more_than_it_asks_for(world: World) -> None:
    await world.publish(*((f"key-{n % 5}", n) for n in range(300)))
    await world.shipped()
    reader = world.reader()
    sizes: list[int] = []
    while sum(sizes) < 300:
        sizes.append(len(await fetch_some(reader, 7)))
        await reader.acknowledge()
    assert max(sizes) <= 7


async def test_a_consumer_stopped_in_the_middle_leaves_nothing_undone_or_done_twice(world: World) -> None:
    told = [(f"key-{n % 7}", n) for n in range(2_000)]
    for n in range(0, len(told), 100):
        await world.publish(*told[n : n + 100])
    for stop_after in (100, 700):
        async with running(world.inbox().run(world.reader(f"until {stop_after}"))):
            await world.until_effects(stop_after)
    async with running(world.inbox().run(world.reader("the last"))):
        effects = await world.until_effects(len(told))
    assert per_key(effects) == per_key(told)


async def test_a_consumer_killed_in_the_middle_leaves_nothing_undone_or_done_twice(world: World) -> None:
    told = [(f"key-{n % 7}", n) for n in range(3_000)]
    for n in range(0, len(told), 100):
        await world.publish(*told[n : n + 100])
    async with process_of(world, "consumer"):
        await world.until_effects(500)
    async with running(world.inbox().run(world.reader("the next"))):
        effects = await world.until_effects(len(told))
    assert per_key(effects) == per_key(told)


async def test_a_consumer_catches_up_after_a_long_absence(world: World) -> None:
    told = [(f"key-{n % 101}", n) for n in range(6_000)]
    for n in range(0, len(told), 2_000):
        await world.publish(*told[n : n + 2_000])
    async with running(world.inbox().run(world.reader())):
        effects = await world.until_effects(len(told))
    assert per_key(effects) == per_key(told)


async def dead_letters(world: World) -> list[DeadLetter]:
    async with world.consumer.transaction() as session:
        return list(await session.scalars(select(DeadLetter)))
