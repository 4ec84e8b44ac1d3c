"""Close holds that are over."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

HOLDS_AT_ONCE = 500

# Nobody waits for a tidier: accounts that are in use come with the next run.
_LOCK = text("""
    SELECT community_code, account_id FROM account
    WHERE (community_code, account_id) IN (
        SELECT community_code, account_id FROM hold_lot WHERE expires_at <= :now LIMIT :most)
    ORDER BY community_code, account_id FOR NO KEY UPDATE SKIP LOCKED
""")
_CLOSE = text("""
    WITH over AS (
        DELETE FROM hold_lot USING unnest(CAST(:codes AS text[]), CAST(:account_ids AS uuid[]))
            AS locked (community_code, account_id)
        WHERE hold_lot.community_code = locked.community_code AND hold_lot.account_id = locked.account_id
          AND expires_at <= :now
        RETURNING hold_lot.community_code, reference
    )
    UPDATE hold SET closed_as = 'expired', closed_at = clock_timestamp()
    FROM (SELECT DISTINCT * FROM over) AS closed
    WHERE hold.community_code = closed.community_code AND hold.reference = closed.reference
""")


async def close_holds(session: AsyncSession, *, now: datetime) -> int:
    """Close holds that are over; they counted for nothing already, so that this only says so.

    Returns:
        How many accounts were looked at; 0 when none waits that nobody else has in use.
    """
    locked = (await session.execute(_LOCK, {"now": now, "most": HOLDS_AT_ONCE})).all()
    if locked:
        keys = {"codes": [row.community_code for row in locked], "account_ids": [row.account_id for row in locked]}
        await session.execute(_CLOSE, {**keys, "now": now})
    return len(locked)
