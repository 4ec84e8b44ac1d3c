"""What the platform promises of its events, whatever dies on their way."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest

from shared.outbox import publish
from tests.contracts.process import CONSUMER_STEPS, RELAY_STEPS, killed_at
from tests.contracts.world import Told, World, counted, per_key, running, take_up

WRITERS = 8
TOGETHER = 25
LONG_S = 0.3
LONG_ONES = 0.05


@pytest.mark.parametrize(
    "count", [4_000, pytest.param(100_000, marks=[pytest.mark.nightly, pytest.mark.proves("R4")], id="10^5")]
)
async def test_no_event_is_lost_though_its_carriers_die_at_each_step_and_it_comes_thrice_in_disorder(
    still_world: World, count: int
) -> None:
    dice = random.Random(count)  # noqa: S311 - a test's order of things
    told = [(f"key-{n % (WRITERS * 13)}", n) for n in range(count)]
    relay = still_world.relay("the last")
    deaths = [("relay", step) for step in RELAY_STEPS if relay] + [("consumer", step) for step in CONSUMER_STEPS]
    portion = count // len(deaths)
    async with AsyncExitStack() as alive:
        for n, (part, step) in enumerate(deaths):
            if relay and (part, step) == ("consumer", CONSUMER_STEPS[0]):
                await alive.enter_async_context(running(relay.run()))
            await asyncio.gather(
                _write(still_world, told[n * portion : (n + 1) * portion], dice), killed_at(still_world, part, step)
            )
        await alive.enter_async_context(running(still_world.inbox().run(still_world.reader("the last"))))
        effects = await still_world.until_effects(count)
    assert per_key(effects) == per_key(told)
    messages = await take_up(still_world.reader(consumer="another"), count)
    thrice = dice.sample(messages * 3, 3 * len(messages))
    for n in range(0, len(thrice), 500):
        await still_world.inbox().take(thrice[n : n + 500])
    assert await still_world.effects() == effects


async def _write(world: World, told: Sequence[Told], dice: random.Random) -> None:
    """Publish from several writers, each with its own keys, in transactions of which some end long after they began."""

    async def write(mine: Sequence[Told]) -> None:
        for n in range(0, len(mine), TOGETHER):
            async with world.producer.transaction() as session:
                await publish(session, *counted(*mine[n : n + TOGETHER]))
                if dice.random() < LONG_ONES:
                    await asyncio.sleep(LONG_S)

    await asyncio.gather(*(write(told[w::WRITERS]) for w in range(WRITERS)))
