"""Reads about assistance: whether some are served worse than others."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Period

# Asked for in the window: a space, seats, or seats to wait for. It succeeded if it stood, or was given up by the
# resident; it waited until staff decided, or until the seats that were offered were taken.
_EQUITY = text("""
    WITH asked AS (
        SELECT b.resident_id, b.channel, b.state IN ('confirmed', 'cancelled') AS succeeded,
               coalesce(d.decided_at, b.booked_at) - b.booked_at AS waited, n.id IS NOT NULL AS missed
        FROM booking b
        LEFT JOIN booking_decision d ON d.community_code = b.community_code AND d.booking_id = b.id
        LEFT JOIN no_show n ON n.community_code = b.community_code AND n.booking_id = b.id
        WHERE b.community_code = :community_code AND b.booked_at >= :start AND b.booked_at < :end
        UNION ALL
        SELECT w.resident_id, w.channel, w.state = 'accepted', coalesce(s.signed_up_at - w.joined_at, '0'),
               n.id IS NOT NULL
        FROM waitlist_entry w
        LEFT JOIN sign_up s ON s.community_code = w.community_code AND s.activity_id = w.activity_id
             AND s.resident_id = w.resident_id AND w.state = 'accepted'
        LEFT JOIN no_show n ON n.community_code = s.community_code AND n.activity_id = s.activity_id
             AND n.resident_id = s.resident_id
        WHERE w.community_code = :community_code AND w.joined_at >= :start AND w.joined_at < :end
        UNION ALL
        SELECT s.resident_id, s.channel, true, '0', n.id IS NOT NULL
        FROM sign_up s
        LEFT JOIN no_show n ON n.community_code = s.community_code AND n.activity_id = s.activity_id
             AND n.resident_id = s.resident_id
        WHERE s.community_code = :community_code AND s.signed_up_at >= :start AND s.signed_up_at < :end
          AND NOT EXISTS (SELECT FROM waitlist_entry w WHERE w.community_code = s.community_code
              AND w.activity_id = s.activity_id AND w.resident_id = s.resident_id AND w.state = 'accepted')
    )
    SELECT asked.channel, coalesce(a.band, 'unknown') AS band, count(*) AS asked,
           count(*) FILTER (WHERE succeeded) AS succeeded,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM waited)::bigint / 60) AS wait_minutes,
           count(*) FILTER (WHERE missed) AS missed
    FROM asked LEFT JOIN age_band a ON a.community_code = :community_code AND a.resident_id = asked.resident_id
    GROUP BY 1, 2 ORDER BY 1, 2
""")


async def report_equity(session: AsyncSession, community_code: str, window: Period) -> Sequence[Row[Any]]:
    """Return, by channel and age band, how many asked, succeeded and missed, and the median wait in minutes."""
    given = {"community_code": community_code, "start": window[0], "end": window[1]}
    return (await session.execute(_EQUITY, given)).all()
