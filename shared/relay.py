"""The relay: ships a service's outbox to a log that is not the outbox itself, in commit order, at least once."""

import asyncio

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Database, PlatformBase
from shared.lease import Lease
from shared.log import Writer
from shared.outbox import Position, behind, read_committed

BATCH = 2_000
POLL_S = 0.03
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

    async def run(self) -> None:
        """Ship until cancelled; a fault of the log or the database is waited out, however long."""
        backoff_s = POLL_S
        try:
            while True:
                try:
                    shipped = await self._lease.hold() and await self._ship()
                    backoff_s = POLL_S
                except Exception as error:  # noqa: BLE001 - whatever fails, the outbox keeps the events
                    log.warning("relay waits", topic=self._topic, error=repr(error), backoff_s=backoff_s)
                    shipped, backoff_s = True, min(backoff_s * 2, BACKOFF_MAX_S)
                    await asyncio.sleep(backoff_s)
                if not shipped:
                    await asyncio.sleep(POLL_S)
        finally:
            await self._lease.release()

    async def lag(self) -> tuple[int, float]:
        """Return how many events wait to be shipped, and the age in seconds of the oldest."""
        async with self._database.autocommit() as connection:
            return await behind(connection, await self.shipped())

    async def _ship(self) -> bool:
        async with self._database.autocommit() as connection:
            rows = await read_committed(connection, self._topic, await self.shipped(), BATCH)
        if rows:
            await self._writer.write(self._topic, [(row.key, row.value) for row in rows])
            await self._move(rows[-1].position)
        return bool(rows)

    async def shipped(self) -> Position:
        """Return how far the outbox has been shipped."""
        async with self._database.transaction() as session:
            row = await session.get(ShippedRow, self._topic)
        return Position(row.xid, row.outbox_id) if row else Position()

    async def _move(self, to: Position) -> None:
        row = insert(ShippedRow).values(topic=self._topic, xid=to.xid, outbox_id=to.id)
        async with self._database.transaction() as session:
            await session.execute(
                row.on_conflict_do_update(
                    index_elements=[ShippedRow.topic],
                    set_={"xid": row.excluded.xid, "outbox_id": row.excluded.outbox_id},
                )
            )
