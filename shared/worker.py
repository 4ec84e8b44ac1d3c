"""The factory of a service's worker: takes events in, ships events out, and does what is due.

It is an ASGI app like the API, so that it is run, watched and stopped in the same way; its loops live in the lifespan.
"""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import structlog
from fastapi import FastAPI
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared import outbox, problems, spans
from shared.database import Database, is_passing
from shared.drain import Drain
from shared.idempotency import KEPT_DAYS, IdempotencyRecord
from shared.inbox import INBOX_KEPT_DAYS, DeadLetter, Handler, Inbox, InboxRow
from shared.lease import Lease
from shared.log import Reader
from shared.log.postgres import PostgresReader
from shared.log.topics import TOPICS, topic_in
from shared.logging import configure
from shared.relay import Relay
from shared.service import health
from shared.settings import WorkerSettings
from shared.telemetry import DEAD_LETTERS, LAG, LAG_AGE, RELAY_AGE, RELAY_LAG

MEASURE_EVERY_S = 5.0
PRUNE_EVERY_S = 3600.0

Key = TypeVar("Key")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is due every so often, done by one process of the service at a time."""

    name: str
    every_s: float
    run: Callable[[Database], Awaitable[None]]


async def each(database: Database, keys: Iterable[Key], work: Callable[[AsyncSession, Key], Awaitable[object]]) -> None:
    """Do some work on each, in a transaction of its own: one that fails is told of when the others are done."""
    failed: list[Exception] = []
    for key in keys:
        try:
            async with database.transaction() as session:
                await work(session, key)
        except Exception as error:
            if is_passing(error):  # nor would the next be done now
                raise
            failed.append(error)
    if failed:
        raise ExceptionGroup("not done, and tried again", failed)


class Worker:
    """What a service does when nobody asks: its loops over one database."""

    def __init__(self, name: str, settings: WorkerSettings, handlers: Sequence[Handler], jobs: Sequence[Job]) -> None:
        self._name = name
        self._owner = f"{socket.gethostname()}/{os.getpid()}"
        self._settings = settings
        self._jobs = [*jobs, Job("prune", PRUNE_EVERY_S, self._prune)]
        self._opened = AsyncExitStack()
        self.database = self._open(settings.database_url.get_secret_value())
        self.inbox = Inbox(name, self.database, handlers)
        self._reader = self._make_reader() if handlers else None
        self._relay = self._make_relay()

    def _open(self, url: str) -> Database:
        database = Database(url, name=f"{self._name}-worker")
        self._opened.push_async_callback(database.close)
        return database

    def _make_reader(self) -> Reader:
        cell, others = self._settings.cell, self._settings.other_cells
        topics = sorted(topic_in(cell, topic) for topic in self.inbox.topics)
        topics += [topic_in(other, self._name) for other in others]
        if self._settings.events == "postgres":
            outboxes = {t: self._open(self._settings.log_databases[t].get_secret_value()) for t in topics}
            return PostgresReader(self._name, self.database, outboxes, self._owner)
        from shared.log.kafka import KafkaReader  # noqa: PLC0415 - aiokafka is loaded only where Kafka is used

        return KafkaReader(topic_in(cell, self._name), self._settings.events.removeprefix("kafka://"), topics)

    def _make_relay(self) -> Relay | None:
        if self._settings.events == "postgres":
            return None
        from shared.log.kafka import KafkaWriter  # noqa: PLC0415 - the same

        writer = KafkaWriter(self._settings.events.removeprefix("kafka://"))
        return Relay(topic_in(self._settings.cell, self._name), self.database, writer, self._owner)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the loops for as long as the block lasts; one that ends by itself stops the process, to be restarted."""
        loops = [self._measure(), *(self._repeat(job) for job in self._jobs)]
        if self._reader:
            loops.append(self.inbox.run(self._reader))
        if self._relay:
            loops.append(self._relay.run())
        async with self._opened:
            tasks = [asyncio.create_task(loop) for loop in loops]
            for task in tasks:
                task.add_done_callback(_stop_process)
            yield
            for task in tasks:
                task.remove_done_callback(_stop_process)
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _repeat(self, job: Job) -> None:
        lease = Lease(self.database, job.name, self._owner)
        while True:
            try:
                if await lease.hold():
                    await job.run(self.database)
            except Exception:
                log.exception("job failed", job=job.name)
            await asyncio.sleep(job.every_s)

    async def _measure(self) -> None:
        while True:
            try:
                await self._measure_once()
            except Exception as error:  # noqa: BLE001 - what cannot be measured now is measured next time
                log.warning("not measured", error=repr(error))
            await asyncio.sleep(MEASURE_EVERY_S)

    async def _measure_once(self) -> None:
        if self._reader:
            for topic, (count, age_s) in (await self._reader.lag()).items():
                LAG.labels(self._name, topic).set(count)
                LAG_AGE.labels(self._name, topic).set(age_s)
        if self._relay:
            count, age_s = await self._relay.lag()
            RELAY_LAG.labels(self._name).set(count)
            RELAY_AGE.labels(self._name).set(age_s)
        async with self.database.transaction() as session:
            waiting = await session.scalar(
                select(func.count()).select_from(DeadLetter).where(DeadLetter.replayed_at.is_(None))
            )
        DEAD_LETTERS.labels(self._name).set(waiting or 0)

    async def _prune(self, database: Database) -> None:
        async with database.transaction() as session:
            shipped = await self._relay.shipped() if self._relay else None
            await outbox.prune(session, TOPICS[self._name].retention_days, shipped)
            for table, column, days in (
                (InboxRow, InboxRow.received_at, INBOX_KEPT_DAYS),
                (IdempotencyRecord, IdempotencyRecord.created_at, KEPT_DAYS),
            ):
                await session.execute(delete(table).where(column < func.now() - timedelta(days=days)))


def _stop_process(task: asyncio.Task[None]) -> None:
    log.error("loop ended", exc_info=None if task.cancelled() else task.exception())
    os.kill(os.getpid(), signal.SIGTERM)


def create_worker(
    name: str, settings: WorkerSettings, handlers: Sequence[Handler], jobs: Sequence[Job] = ()
) -> FastAPI:
    """Build a service's worker.

    Args:
        name: The service, which is also its topic and its name as a consumer.
        settings: Where its database is and which log it uses.
        handlers: What it does with which event.
        jobs: What is due every so often.
    """
    configure(f"{name}-worker", settings.log_level)
    spans.configure(f"{name}-worker", settings.otlp_endpoint)
    worker = Worker(name, settings, handlers, jobs)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with worker.running():
            yield
        await asyncio.to_thread(spans.close)

    app = FastAPI(title=f"{name} worker", lifespan=lifespan, openapi_url=None)
    app.state.database = worker.database
    app.state.drain = Drain()  # nobody calls a worker
    problems.install(app)
    app.include_router(health)
    return app
