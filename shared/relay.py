"""The relay: ships a service's outbox to a log that is not the outbox itself, in commit order, at least once."""

import asyncio

import structlog
from sqlalchemy import tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Database, PlatformBase
from shared.lease import STANDBY_S, Lease
from shared.log import Writer
from shared.outbox import Position, behind, read_committed
from shared.pace import Pace

BATCH = 2_000
BACKOFF_MIN_S = 0.05
BACKOFF_MAX_S = 5.0

log = structlog.get_logger()


class ShippedRow(PlatformBase):
    """How far a topic's outbox has been shipped."""

    __tablename__ = "relay_cursor"

    topic: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int]
    outbox_id: Mapped[int]


class Relay:
    """Ships one service's outbox; of several processes that run it, the owner of the lease does.

    The cursor moves only after the log has acknowledged all of a batch. An owner that was paused past its lease may
    ship a batch again behind its successor's: a duplicate, which the inbox makes harmless.
    """

    def __init__(self, topic: str, database: Database, writer: Writer, owner: str) -> None:
        self._topic = topic
        self._database = database
        self._writer = writer
        self._lease = Lease(database, f"relay {topic}", owner)
        self._term = 0
        self._at: Position | None = None
        self._pace = Pace()

    async def run(self) -> None:
        """Ship until cancelled; a fault of the log or the database is waited out, however long."""
        backoff_s = BACKOFF_MIN_S
        try:
            while True:
                try:
                    pause_s = await self._step()
                    backoff_s = BACKOFF_MIN_S
                except Exception as error:  # noqa: BLE001 - whatever fails, the outbox keeps the events
                    pause_s = backoff_s = min(backoff_s * 2, BACKOFF_MAX_S)
                    self._at = None
                    log.warning("relay waits", topic=self._topic, error=repr(error), backoff_s=backoff_s)
                await asyncio.sleep(pause_s)
        finally:
            await self._writer.stop()
            await self._lease.release()

    async def lag(self) -> tuple[int, float]:
        """Return how many events wait to be shipped, and the age in seconds of the oldest."""
        async with self._database.autocommit() as connection:
            return await behind(connection, await self.shipped())

    async def shipped(self) -> Position:
        """Return how far the outbox has been shipped."""
        async with self._database.transaction() as session:
            row = await session.get(ShippedRow, self._topic)
        return Position(row.xid, row.outbox_id) if row else Position()

    async def _step(self) -> float:
        """Ship a batch if it is ours to ship; returns how long to pause, in seconds."""
        term = await self._lease.hold()
        if not term:
            return STANDBY_S
        if term != self._term:
            self._term, self._at = term, None  # another may have shipped since
        return self._pace.pause_s(found=await self._ship())

    async def _ship(self) -> bool:
        at = self._at or await self.shipped()
        async with self._database.autocommit() as connection:
            rows = await read_committed(connection, self._topic, at, BATCH)
        if rows:
            await self._writer.write(self._topic, [(row.key, row.value) for row in rows])
            at = rows[-1].position
            await self._move(at)
        self._at = at
        return bool(rows)

    async def _move(self, to: Position) -> None:
        row = insert(ShippedRow).values(topic=self._topic, xid=to.xid, outbox_id=to.id)
        ahead = tuple_(ShippedRow.xid, ShippedRow.outbox_id) < tuple_(row.excluded.xid, row.excluded.outbox_id)
        async with self._database.transaction() as session:
            await session.execute(
                row.on_conflict_do_update(
                    index_elements=[ShippedRow.topic],
                    set_={"xid": row.excluded.xid, "outbox_id": row.excluded.outbox_id},
                    where=ahead,
                )
            )
