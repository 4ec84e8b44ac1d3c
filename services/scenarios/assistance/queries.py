"""Reads about assistance: whether some are served worse than others."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Period

# Asked for in the window. It succeeded if it stood, or was given up by the resident; it waited until staff decided.
_EQUITY = text("""
    SELECT b.channel, coalesce(a.band, 'unknown') AS band, count(*) AS asked,
           count(*) FILTER (WHERE b.state IN ('confirmed', 'cancelled')) AS succeeded,
           coalesce(percentile_disc(0.5) WITHIN GROUP (
               ORDER BY extract(epoch FROM coalesce(d.decided_at, b.booked_at) - b.booked_at)::bigint / 60), 0
           ) AS wait_minutes,
           count(n.booking_id) AS missed
    FROM booking b
    LEFT JOIN age_band a ON a.community_code = b.community_code AND a.resident_id = b.resident_id
    LEFT JOIN booking_decision d ON d.community_code = b.community_code AND d.booking_id = b.id
    LEFT JOIN no_show n ON n.community_code = b.community_code AND n.booking_id = b.id
    WHERE b.community_code = :community_code AND b.booked_at >= :start AND b.booked_at < :end
    GROUP BY 1, 2 ORDER BY 1, 2
""")


async def report_equity(session: AsyncSession, community_code: str, window: Period) -> Sequence[Row[Any]]:
    """Return, by channel and age band, how many asked, succeeded and missed, and the median wait in minutes."""
    given = {"community_code": community_code, "start": window[0], "end": window[1]}
    return (await session.execute(_EQUITY, given)).all()
