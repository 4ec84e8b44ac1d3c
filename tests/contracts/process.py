"""A relay or a consumer as a process of its own, to be killed: `process.py relay|consumer <world as JSON>`."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shared.database import Database
from shared.log.topics import TOPICS, Topic
from tests.contracts.world import World


@asynccontextmanager
async def process_of(world: World, part: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a part of the world in a process that is killed (kill -9) at the end of the block."""
    databases = (world.producer, world.consumer, world.outbox)
    urls = [d.engine.url.set(drivername="postgresql").render_as_string(hide_password=False) for d in databases]
    command = [sys.executable, "-m", "tests.contracts.process", part, json.dumps([world.topic, *urls, world.kafka])]
    process = await asyncio.create_subprocess_exec(*command, cwd=Path(__file__).parents[2])
    try:
        yield process
    finally:
        process.kill()
        assert await process.wait() == -signal.SIGKILL, "it ended by itself"


async def _main(part: str, described: str) -> None:
    topic, producer, consumer, outbox, kafka = json.loads(described)
    TOPICS[topic] = Topic(partitions=4, retention_days=1)
    world = World(topic, _open(producer), _open(consumer), _open(outbox), kafka)
    if part == "consumer":
        await world.inbox().run(world.reader("killed"))
    elif relay := world.relay("killed"):
        await relay.run()


def _open(url: str) -> Database:
    return Database(url, name="killed")


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
