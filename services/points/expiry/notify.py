"""Notify 到期提醒: residents are told 30, 7 and 1 days before their points expire, of what they still have."""

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import local_day
from shared.events.points import PointsExpiring
from shared.outbox import publish

NOTICES_AT_ONCE = 500

# A day on which nobody ran is made up for: what is due is the notice for the days that are left, once. Hours and basic
# points are not spent in shops; hours expire too, and their residents are told.
_DUE = text("""
    INSERT INTO expiry_notice (community_code, account_id, expires_on, days_before, points, given_at)
    SELECT community_code, account_id, expires_on, days_before, points, :now FROM (
        SELECT lot.community_code, lot.account_id, expires_on, sum(remaining)::bigint AS points,
               CASE WHEN expires_on <= CAST(:today AS date) + 1 THEN 1
                    WHEN expires_on <= CAST(:today AS date) + 7 THEN 7 ELSE 30 END AS days_before
        FROM lot JOIN account USING (community_code, account_id)
        WHERE expires_on BETWEEN CAST(:today AS date) AND CAST(:today AS date) + 30 AND remaining > 0
          AND asset_class <> 'basic'
        GROUP BY 1, 2, 3) AS due
    WHERE NOT EXISTS (SELECT FROM expiry_notice given WHERE given.community_code = due.community_code
        AND given.account_id = due.account_id AND given.expires_on = due.expires_on
        AND given.days_before = due.days_before)
    ORDER BY community_code, account_id, expires_on LIMIT :most
    ON CONFLICT DO NOTHING
    RETURNING community_code, account_id, expires_on, days_before, points,
        (SELECT owner FROM account WHERE account.community_code = expiry_notice.community_code
         AND account.account_id = expiry_notice.account_id) AS owner
""")


async def notify(session: AsyncSession, *, now: datetime, most: int = NOTICES_AT_ONCE) -> int:
    """Tell of points that expire soon, each notice once.

    Returns:
        How many notices were given; fewer than `most` when no more are due.
    """
    rows = (await session.execute(_DUE, {"now": now, "today": local_day(now), "most": most})).all()
    notices = [
        PointsExpiring(
            community_code=row.community_code,
            resident_id=uuid.UUID(row.owner.removeprefix("resident:")),
            points=row.points,
            expires_on=row.expires_on,
            days_before=row.days_before,
        )
        for row in rows
    ]
    if notices:
        await publish(session, *notices)
    return len(rows)
