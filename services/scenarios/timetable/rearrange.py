"""Rearrange when a space can be booked, unless bookings are in the way."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.spaces.queries import lock_spaces
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.lay_out_windows import lay_out_windows
from services.scenarios.timetable.rules import BookingsInTheWay

BOOKINGS_TOLD_MAX = 50
_DISPLACED = text("""
    SELECT b.id, count(*) OVER () AS displaced FROM booking b
    WHERE b.community_code = :community_code AND b.space_id = ANY(CAST(:spaces AS uuid[]))
      AND b.state IN ('held', 'requested', 'confirmed') AND b.starts_at >= :now
      AND (b.expires_at IS NULL OR b.expires_at > :now)
      AND NOT EXISTS (
          SELECT FROM bookable_window w
          WHERE w.community_code = b.community_code AND w.space_id = b.space_id AND w.function = b.function
            AND w.starts_at <= b.starts_at AND w.ends_at >= b.ends_at)
    ORDER BY b.starts_at, b.id LIMIT :most
""")


async def rearrange(session: AsyncSession, space: Space, now: datetime) -> None:
    """Lay out anew a space, and all that it shares a unit with, once nobody is booking them.

    Raises:
        BookingsInTheWay: Some booking would lie outside the windows; the transaction is to be taken back.
    """
    sharing = await lock_spaces(session, space.community_code, Space.unit_ids.overlap(space.unit_ids))
    await lay_out_windows(session, sharing, now)
    found = await session.execute(
        _DISPLACED,
        {
            "community_code": space.community_code,
            "spaces": [each.id for each in sharing],
            "now": now,
            "most": BOOKINGS_TOLD_MAX,
        },
    )
    if displaced := found.all():
        raise BookingsInTheWay(count=displaced[0].displaced, booking_ids=[str(row.id) for row in displaced])
