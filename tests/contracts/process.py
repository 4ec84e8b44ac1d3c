"""A relay or a consumer as a process of its own, to be killed: `process.py relay|consumer <world as JSON> [<step>]`."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from shared.database import Database
from shared.log.topics import TOPICS, Topic
from tests.contracts.world import World

RELAY_STEPS = ("before _ship", "before write", "after write", "after _move")
CONSUMER_STEPS = ("before fetch", "after fetch", "after take", "after acknowledge")


@asynccontextmanager
async def process_of(world: World, part: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a part of the world in a process that is killed (kill -9) at the end of the block."""
    process = await _start(world, part)
    try:
        yield process
    finally:
        process.kill()
        assert await process.wait() == -signal.SIGKILL, "it ended by itself"


async def killed_at(world: World, part: str, step: str) -> None:
    """Run a part of the world in a process that kills itself (kill -9) at a step of its work, and see it die."""
    process = await _start(world, part, step)
    assert await process.wait() == -signal.SIGKILL, f"it did not come to {step}"


async def _start(world: World, part: str, *step: str) -> asyncio.subprocess.Process:
    databases = (world.producer, world.consumer, world.outbox)
    urls = [d.engine.url.set(drivername="postgresql").render_as_string(hide_password=False) for d in databases]
    described = json.dumps([world.topic, *urls, world.kafka])
    command = [sys.executable, "-m", "tests.contracts.process", part, described, *step]
    return await asyncio.create_subprocess_exec(*command, cwd=Path(__file__).parents[2])


def _die(owners: tuple[object, ...], step: str) -> None:
    when, _, name = step.partition(" ")
    [owner] = [one for one in owners if hasattr(one, name)]
    do: Callable[..., Awaitable[object]] = getattr(owner, name)

    async def do_or_die(*given: object) -> None:
        if when == "after":
            await do(*given)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, do_or_die)


async def _main(part: str, described: str, *step: str) -> None:
    topic, producer, consumer, outbox, kafka = json.loads(described)
    TOPICS[topic] = Topic(partitions=4, retention_days=1)
    world = World(topic, _open(producer), _open(consumer), _open(outbox), kafka)
    if part == "consumer":
        inbox, reader = world.inbox(), world.reader("killed")
        for one in step:
            _die((inbox, reader), one)
        await inbox.run(reader)
    elif relay := world.relay("killed"):
        for one in step:
            _die((relay, relay._writer), one)
        await relay.run()


def _open(url: str) -> Database:
    return Database(url, name="killed")


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
