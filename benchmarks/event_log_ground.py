"""What the benchmark of the event logs stands on: two databases, one topic, made-up events, a table of results."""

import resource
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

import asyncpg
from sqlalchemy import make_url, text

from shared.database import Database, PlatformBase
from shared.events import Event
from shared.log import Reader
from shared.log.kafka import KafkaReader, KafkaWriter
from shared.log.postgres import PostgresReader
from shared.log.topics import TOPICS, Topic
from shared.outbox import publish
from shared.relay import Relay

ONE_BY_ONE = 1_000
MERCHANTS = [uuid.UUID(int=n) for n in range(500)]


class Paid(Event):
    """A resident paid a merchant; as large as the platform's own events, about 600 bytes in the log."""

    type: ClassVar[str] = "points.paid.v1"

    redemption_id: uuid.UUID
    merchant_id: uuid.UUID
    points: int
    payer_community_code: str
    paid_points: int
    told_at: float

    @property
    def key(self) -> str:
        """Order is kept per merchant."""
        return str(self.merchant_id)


def made_up(count: int) -> list[Paid]:
    """Make up events."""
    return [
        Paid(
            community_code="330102001051",
            redemption_id=uuid.uuid4(),
            merchant_id=MERCHANTS[n % len(MERCHANTS)],
            points=n,
            payer_community_code="330102001052",
            paid_points=n,
            told_at=time.time(),
        )
        for n in range(count)
    ]


@dataclass
class Row:
    """A line of the table."""

    events: int


class Table:
    """The results, as Markdown, printed line by line."""

    def __init__(self) -> None:
        print("| what | events/s | cpu | batch |\n|---|---:|---:|---:|")

    @contextmanager
    def row(self, what: str, events: int, batch: int) -> Iterator[Row]:
        """Time a block that handles so many events, or as many as it says in the end."""
        row = Row(events)
        started_s, used_s = time.perf_counter(), _cpu_s()
        yield row
        took_s = time.perf_counter() - started_s
        share = (_cpu_s() - used_s) / took_s
        print(f"| {what} | {row.events / took_s:,.0f} | {share:.0%} | {batch:,} |", flush=True)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True)
class Ground:
    """A producer and a consumer with their databases, and the topic between them."""

    admin: str
    kafka: str | None
    producer: Database
    consumer: Database
    topic: str = field(default_factory=lambda: f"bench-{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        """Declare the topic."""
        TOPICS[self.topic] = Topic(partitions=12, retention_days=1)

    def reader(self, log: str, consumer: str) -> Reader:
        """Make a reader of one of the logs."""
        if log == "kafka" and self.kafka:
            return KafkaReader(f"{consumer} of {self.topic}", self.kafka, [self.topic])
        return PostgresReader(consumer, self.consumer, {self.topic: self.producer}, "benchmark")

    def relay(self) -> Relay:
        """Make the relay."""
        return Relay(self.topic, self.producer, KafkaWriter(self.kafka or ""), "benchmark")

    async def publish(self, events: Sequence[Event]) -> None:
        """Publish in one transaction."""
        async with self.producer.transaction() as session:
            await publish(session, *events)


@asynccontextmanager
async def open_ground(admin: str, kafka: str | None) -> AsyncIterator[Ground]:
    """Make the databases, and drop them at the end."""
    run = uuid.uuid4().hex[:8]
    names = {part: f"linli_bench_{part}_{run}" for part in ("producer", "consumer")}
    server = await asyncpg.connect(admin)
    for name in names.values():
        await server.execute(f"CREATE DATABASE {name}")
    opened = {part: Database(dsn_of(admin, name), name="benchmark") for part, name in names.items()}
    for database in opened.values():
        async with database.engine.begin() as connection:
            await connection.run_sync(PlatformBase.metadata.create_all)
            await connection.execute(text("CREATE TABLE effect (merchant_id uuid, points bigint)"))
    try:
        yield Ground(admin, kafka, opened["producer"], opened["consumer"])
    finally:
        for part, name in names.items():
            await opened[part].close()
            await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


def dsn_of(admin: str, database: str) -> str:
    """Return the address of another database of the same server."""
    return make_url(admin).set(database=database).render_as_string(hide_password=False)
