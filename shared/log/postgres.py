"""PostgreSQL as the log: a reader follows each producer's outbox in commit order and keeps a cursor of its own."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Database, PlatformBase, is_passing
from shared.lease import Lease
from shared.log import Message
from shared.outbox import Position, behind, read_committed
from shared.pace import Pace

AWAY_S = 1.0  # how long a topic whose database is away is not asked for again

log = structlog.get_logger()


class CursorRow(PlatformBase):
    """How far a consumer has read a topic."""

    __tablename__ = "log_cursor"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int]
    outbox_id: Mapped[int]


class PostgresReader:
    """Reads producers' outboxes for one consumer.

    Args:
        consumer: Its name.
        database: The consumer's own database, which holds cursors and leases.
        outboxes: Each topic's database, opened with the role that may read the outbox and nothing else.
        owner: This process, unlike any other.
    """

    def __init__(self, consumer: str, database: Database, outboxes: Mapping[str, Database], owner: str) -> None:
        self._consumer = consumer
        self._database = database
        self._outboxes = outboxes
        self._leases = {topic: Lease(database, f"read {topic} for {consumer}", owner) for topic in outboxes}
        self._turns = deque(outboxes)
        self._terms: dict[str, int] = {}
        self._acknowledged: dict[str, Position] = {}
        self._fetched: dict[str, Position] = {}
        self._away_until: dict[str, float] = {}
        self._pace = Pace()

    async def start(self) -> None:
        """Nothing to do: a topic is taken up when its lease is got."""

    async def fetch(self, most: int, wait_s: float) -> Sequence[Message]:
        """Return the next messages of the topics that this process holds, in commit order per topic."""
        until = time.monotonic() + wait_s
        while True:
            messages: list[Message] = []
            self._turns.rotate(-1)  # else a topic with a long backlog would keep the others waiting
            for topic in self._turns:
                if await self._hold(topic):
                    messages += await self._fetch_if_there(topic, most - len(messages))
                if len(messages) >= most:
                    break
            pause_s = self._pace.pause_s(found=bool(messages))
            if messages or time.monotonic() >= until:
                return messages
            await asyncio.sleep(pause_s)

    async def acknowledge(self) -> None:
        """Move the cursors to what was fetched."""
        moved = {t: p for t, p in self._fetched.items() if p != self._acknowledged[t]}
        if not moved:
            return
        row = insert(CursorRow).values(
            [{"consumer": self._consumer, "topic": t, "xid": p.xid, "outbox_id": p.id} for t, p in moved.items()]
        )
        async with self._database.transaction() as session:
            await session.execute(
                row.on_conflict_do_update(
                    index_elements=[CursorRow.consumer, CursorRow.topic],
                    set_={"xid": row.excluded.xid, "outbox_id": row.excluded.outbox_id},
                    where=tuple_(CursorRow.xid, CursorRow.outbox_id) < tuple_(row.excluded.xid, row.excluded.outbox_id),
                )
            )
        self._acknowledged |= moved

    async def rewind(self) -> None:
        """Go back to the cursors."""
        self._fetched = dict(self._acknowledged)

    async def lag(self) -> dict[str, tuple[int, float]]:
        """Count what lies behind the cursors, whoever holds the topics."""
        lags = {}
        for topic, outbox in self._outboxes.items():
            async with outbox.autocommit() as connection:
                lags[topic] = await behind(connection, await self._cursor(topic))
        return lags

    async def stop(self) -> None:
        """Give up the leases."""
        for lease in self._leases.values():
            await lease.release()

    async def _hold(self, topic: str) -> bool:
        term = await self._leases[topic].hold()
        if term and term != self._terms.get(topic):
            self._acknowledged[topic] = self._fetched[topic] = await self._cursor(topic)
            self._terms[topic] = term
        return bool(term)

    async def _fetch_if_there(self, topic: str, most: int) -> list[Message]:
        """Return the next messages of a topic; none while its database, as that of another cell, is away."""
        if time.monotonic() < self._away_until.get(topic, 0.0):
            return []
        try:
            return await self._fetch_topic(topic, most)
        except Exception as error:
            if not is_passing(error):
                raise
            log.warning("topic away", consumer=self._consumer, topic=topic, error=repr(error))
            self._away_until[topic] = time.monotonic() + AWAY_S
            return []

    async def _fetch_topic(self, topic: str, most: int) -> list[Message]:
        async with self._outboxes[topic].autocommit() as connection:
            rows = await read_committed(connection, topic, self._fetched[topic], most)
        if rows:
            self._fetched[topic] = rows[-1].position
        return [Message(topic, row.key, row.value, (row.position.xid, row.position.id)) for row in rows]

    async def _cursor(self, topic: str) -> Position:
        async with self._database.transaction() as session:
            row = await session.scalar(
                select(CursorRow).where(CursorRow.consumer == self._consumer, CursorRow.topic == topic)
            )
        return Position(row.xid, row.outbox_id) if row else Position()
