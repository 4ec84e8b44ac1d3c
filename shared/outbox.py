"""The outbox: an event leaves a service in the transaction of the change that it tells of.

Rows are read in commit order. A reader that followed the sequence alone would skip a transaction that commits late, so
only rows are read whose transaction id is below every transaction still under way, in the order (xid, id).
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Text, Uuid, delete, func, text
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from shared.database import PlatformBase, SetStatement, columns
from shared.events import Event
from shared.masking import scrub, scrubbed
from shared.telemetry import current_trace

SOURCE = "https://linli.example/"


class XID8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own signature
        """Return the type's name in DDL."""
        return "XID8"


class OutboxRow(PlatformBase):
    """An event on its way out."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_xid_id", "xid", "id"), Index("ix_outbox_created_at", "created_at"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(XID8, server_default=text("pg_current_xact_id()"))
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, server_default=text("uuidv7()"))
    community_code: Mapped[str]
    key: Mapped[str]
    type: Mapped[str]
    data: Mapped[Any] = mapped_column(JSON)
    traceparent: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the outbox: all rows up to here, in commit order, have been read."""

    xid: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A committed row, with its event as a CloudEvent 1.0 in JSON."""

    position: Position
    key: str
    value: bytes
    age_s: float


_PUBLISH = SetStatement("""
    INSERT INTO outbox (community_code, key, type, data, traceparent)
    SELECT community_code, key, type, CAST(data AS json), traceparent
    FROM unnest(CAST(:codes AS text[]), CAST(:keys AS text[]), CAST(:types AS text[]), CAST(:data AS text[]),
                CAST(:traces AS text[])) WITH ORDINALITY AS told (community_code, key, type, data, traceparent, place)
    ORDER BY place
""")


async def publish(session: AsyncSession, *events: Event, traces: Sequence[str] | None = None) -> None:
    """Send events with the session's transaction: they leave if it commits, and only then.

    Args:
        session: The transaction of what they tell.
        events: What is told, in this order.
        traces: The traceparent of each; all belong to the trace in hand when not given.
    """
    told = zip(events, traces or [current_trace().traceparent] * len(events), strict=True)
    rows = [(event.community_code, event.key, event.type, event.model_dump_json(), trace) for event, trace in told]
    await _PUBLISH.run(session, columns("codes keys types data traces", rows))


_COMMITTED = text("""
    SELECT xid::text::bigint AS xid, id, event_id, key, type, data::text AS data, traceparent, created_at,
           extract(epoch FROM clock_timestamp() - created_at)::float8 AS age_s
    FROM outbox
    WHERE (xid, id) > (CAST(CAST(:xid AS text) AS xid8), :id) AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY outbox.xid, outbox.id LIMIT :most  -- the columns: by the alias it would sort the whole backlog each time
""")
_BEHIND = text("""
    WITH waiting AS NOT MATERIALIZED (
        SELECT * FROM outbox WHERE (xid, id) > (CAST(CAST(:xid AS text) AS xid8), :id)
    )
    SELECT (SELECT count(*) FROM waiting), coalesce(extract(epoch FROM clock_timestamp() -
        (SELECT created_at FROM waiting ORDER BY xid, id LIMIT 1)), 0)::float8
""")


async def read_committed(connection: AsyncConnection, topic: str, after: Position, most: int) -> Sequence[Outgoing]:
    """Read at most `most` rows after a position, in commit order, leaving out what might still be preceded."""
    rows = await connection.execute(_COMMITTED, {"xid": str(after.xid), "id": after.id, "most": most})
    return [
        Outgoing(
            Position(row.xid, row.id),
            row.key,
            _cloud_event(topic, row),
            row.age_s,
        )
        for row in rows
    ]


async def behind(connection: AsyncConnection, after: Position) -> tuple[int, float]:
    """Return how many rows lie after a position, and the age in seconds of the oldest of them."""
    count, age_s = (await connection.execute(_BEHIND, {"xid": str(after.xid), "id": after.id})).one()
    return count, age_s


async def prune(session: AsyncSession, kept_days: int, shipped: Position | None) -> None:
    """Delete rows that are older than the topic is kept; with a relay, only what it has shipped."""
    old = delete(OutboxRow).where(OutboxRow.created_at < func.now() - timedelta(days=kept_days))
    if shipped:
        old = old.where(text("(xid, id) <= (CAST(CAST(:xid AS text) AS xid8), :id)"))
        await session.execute(old, {"xid": str(shipped.xid), "id": shipped.id})
    else:
        await session.execute(old)


def _cloud_event(topic: str, row: Any) -> bytes:  # noqa: ANN401 - a row of _COMMITTED
    head = {
        "specversion": "1.0",
        "id": str(row.event_id),
        "source": SOURCE + topic,
        "type": row.type,
        "time": row.created_at.isoformat(),
        "partitionkey": row.key,
        "traceparent": row.traceparent,
        "datacontenttype": "application/json",
    }
    event = f'{json.dumps(head, ensure_ascii=False)[:-1]}, "data": {row.data}}}'
    # The numbers of persons belong in no event; one that slipped into a text of it leaves masked. What JSON escapes is
    # looked at as it is read: in "\n13…" the number stands after a new line, and not after an n.
    if "\\" in event or scrub(event) != event:
        event = json.dumps(scrubbed(json.loads(event)), ensure_ascii=False)
    return event.encode()
