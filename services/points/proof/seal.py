"""Seal: closes the windows of all books behind what has been committed for good; out of the hot path."""

from datetime import datetime
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.proof.queries import records, window_of
from services.points.proof.rules import SealingKey, close_window
from services.points.proof.tables import Seal

RECORDS_AT_ONCE = 10_000

# Below the oldest transaction that is under way nothing is added any more.
_RANGE = text("""
    WITH range AS (
        SELECT coalesce((SELECT greatest(max(below_xid), 0) FROM seal), 0) AS from_xid,
               pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS below_xid
    ), waiting AS (
        SELECT xid FROM transfer, range WHERE xid >= from_xid AND xid < below_xid
        UNION ALL
        SELECT xid FROM refusal, range WHERE xid >= from_xid AND xid < below_xid
        UNION ALL
        SELECT xid FROM hold_command, range WHERE xid >= from_xid AND xid < below_xid
        ORDER BY xid LIMIT :most + 1
    )
    SELECT from_xid, below_xid, (SELECT count(*) FROM waiting) AS waiting, (SELECT min(xid) FROM waiting) AS first_xid,
           (SELECT max(xid) FROM waiting) AS last_xid
    FROM range
""")
# The last seal of each community, by a step down the key for each of them instead of a scan.
_LAST = text("""
    WITH RECURSIVE last AS (
        (SELECT * FROM seal ORDER BY community_code DESC, number DESC LIMIT 1)
        UNION ALL
        SELECT before.* FROM last CROSS JOIN LATERAL (
            SELECT * FROM seal WHERE community_code < last.community_code
            ORDER BY community_code DESC, number DESC LIMIT 1) AS before
    )
    SELECT * FROM last
""")


class TransactionsRanBackwardsError(Exception):
    """The server counts transactions from below what is sealed: the database was copied into another cluster."""


async def seal(session: AsyncSession, key: SealingKey, *, now: datetime) -> int:
    """Seal a window in each book that has something new.

    Whoever seals twice, or at once with another, breaks the key of the seals and has sealed nothing.

    Returns:
        How many records were sealed; 0 when nothing waits.

    Raises:
        TransactionsRanBackwardsError: What is posted now could not be told from what is sealed.
    """
    # One snapshot for all it reads, so that another's seals of the meantime cannot be built upon.
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    found = (await session.execute(_RANGE, {"most": RECORDS_AT_ONCE})).one()
    if found.below_xid < found.from_xid:
        raise TransactionsRanBackwardsError(f"sealed up to {found.from_xid}, the server is at {found.below_xid}")
    if not found.waiting:
        return 0
    below_xid = found.below_xid
    if found.waiting > RECORDS_AT_ONCE:  # a part, of whole transactions
        below_xid = max(found.last_xid, found.first_xid + 1)
    waiting = await records(session, found.from_xid, below_xid)
    last = {row.community_code: window_of(row) for row in await session.execute(_LAST)}
    for community_code, its_records in groupby(waiting, lambda record: record.community_code):
        leaves = [record.leaf for record in its_records]
        window = close_window(last.get(community_code), community_code, leaves, now)
        signature = key.sign(window.statement())
        values = {name: getattr(window, name) for name in window.__slots__}
        session.add(Seal(**values, below_xid=below_xid, signature=signature))
    await session.flush()
    return len(waiting)
