"""A producer, a log and a consumer: what the event log's contract is held against."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import ClassVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database
from shared.events import Event
from shared.inbox import Inbox, on
from shared.log import Message, Reader
from shared.log.kafka import KafkaReader, KafkaWriter
from shared.log.postgres import PostgresReader
from shared.outbox import publish
from shared.relay import Relay

PATIENCE_S = 60  # what hangs fails; nothing is measured
CONSUMER = "operations"


class Counted(Event):
    """A counter counted a number."""

    type: ClassVar[str] = "points.counted.v1"

    counter: str
    number: int

    @property
    def key(self) -> str:
        """Order is kept per counter."""
        return self.counter


Told = tuple[str, int]
"""What an event tells: a counter and its number."""


def counted(*told: Told) -> list[Counted]:
    """Make events."""
    return [Counted(community_code="330102001051", counter=counter, number=number) for counter, number in told]


def told_by(messages: Sequence[Message]) -> list[Told]:
    """Read messages, in their order."""
    data = [json.loads(message.value)["data"] for message in messages]
    return [(one["counter"], one["number"]) for one in data]


def per_key(told: Sequence[Told]) -> dict[str, list[int]]:
    """Return each counter's numbers, in their order."""
    numbers = defaultdict(list)
    for counter, number in told:
        numbers[counter].append(number)
    return dict(numbers)


@asynccontextmanager
async def running(loop: Coroutine[None, None, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Run a loop for as long as the block lasts, then cancel it as a worker does."""
    task = asyncio.create_task(loop)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@dataclass
class World:
    """One topic from its producer to one consumer, whose effect is a row per event."""

    topic: str
    producer: Database
    consumer: Database
    outbox: Database
    """The producer's, by the role that may read its outbox."""
    kafka: str | None
    """Address of the broker; None when PostgreSQL is the log."""
    poisoned: set[int] = field(default_factory=set)
    """Numbers that the consumer cannot take."""
    _readers: list[Reader] = field(default_factory=list)

    def reader(self, process: str = "process-1", *, consumer: str = CONSUMER) -> Reader:
        """Make the reader that one of a consumer's processes has."""
        reader: Reader
        if self.kafka:
            reader = KafkaReader(f"{consumer} of {self.topic}", self.kafka, [self.topic])
        else:
            reader = PostgresReader(consumer, self.consumer, {self.topic: self.outbox}, process)
        self._readers.append(reader)
        return reader

    def inbox(self) -> Inbox:
        """Make the consumer's inbox."""
        return Inbox("test", self.consumer, [on(Counted, self._record)])

    def relay(self, process: str = "process-1") -> Relay | None:
        """Make the relay that one of the producer's processes has, where the log takes one."""
        return Relay(self.topic, self.producer, KafkaWriter(self.kafka), process) if self.kafka else None

    async def publish(self, *told: Told) -> None:
        """Publish events in one transaction."""
        async with self.producer.transaction() as session:
            await publish(session, *counted(*told))

    async def shipped(self) -> None:
        """Wait until all that was committed has come to the log."""
        relay = self.relay()
        async with asyncio.timeout(PATIENCE_S):
            while relay and (await relay.lag())[0]:  # noqa: ASYNC110 - the database rings no bell
                await asyncio.sleep(0.02)

    async def effects(self) -> list[Told]:
        """Return what the consumer has taken in, in order."""
        async with self.consumer.transaction() as session:
            rows = await session.execute(text("SELECT counter, number FROM effect ORDER BY id"))
            return [(row.counter, row.number) for row in rows]

    async def until_effects(self, count: int) -> list[Told]:
        """Wait until the consumer has taken in at least so many events."""
        async with asyncio.timeout(PATIENCE_S + count / 1_000):
            while await self._count_effects() < count:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.02)
        return await self.effects()

    async def _count_effects(self) -> int:
        async with self.consumer.transaction() as session:
            return int(await session.scalar(text("SELECT count(*) FROM effect")) or 0)

    async def stop(self) -> None:
        """Stop every reader that was made."""
        for reader in self._readers:
            await reader.stop()

    async def _record(self, session: AsyncSession, event: Counted) -> None:
        if event.number in self.poisoned:
            raise ValueError(f"cannot take {event.number}")
        await session.execute(
            text("INSERT INTO effect (counter, number) VALUES (:counter, :number)"),
            {"counter": event.counter, "number": event.number},
        )


async def take_up(reader: Reader, count: int, most: int = 500) -> list[Message]:
    """Fetch and acknowledge until there are at least so many messages."""
    messages: list[Message] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(messages) < count:
            messages += await reader.fetch(most, 1.0)
            await reader.acknowledge()
    return messages


async def fetch_some(reader: Reader, most: int = 500) -> list[Message]:
    """Fetch until there is something."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if messages := await reader.fetch(most, 1.0):
                return list(messages)
