"""Reads of bookings for feeds."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.bookings.tables import Booking
from services.scenarios.feeds.rules import Item
from shared.clock import Period

BACK = timedelta(days=30)
AHEAD = timedelta(days=366)
# What lapsed was never in anyone's calendar for good; what was declined or cancelled stays as a tombstone.
_ITEMS = """
    SELECT b.id, s.name, b.starts_at, b.ends_at, b.state, b.sequence, b.changed_at
    FROM booking b JOIN space s ON s.community_code = b.community_code AND s.id = b.space_id
    WHERE {whose} AND b.starts_at >= :since AND b.starts_at < :until AND (b.expires_at IS NULL OR b.expires_at > :now)
    ORDER BY b.starts_at, b.id
"""
_OF_SPACE = text(_ITEMS.format(whose="b.community_code = :community_code AND b.space_id = :space_id"))
_OF_RESIDENT = text(_ITEMS.format(whose="b.resident_id = :resident_id"))
_BUSY = text("""
    SELECT starts_at, ends_at FROM booking
    WHERE community_code = :community_code AND space_id = :space_id AND starts_at < :until AND ends_at > :since
      AND state IN ('held', 'requested', 'confirmed') AND (expires_at IS NULL OR expires_at > :now)
    ORDER BY starts_at
""")


async def _items(session: AsyncSession, query: Any, now: datetime, **whose: object) -> list[Item]:  # noqa: ANN401
    rows = await session.execute(query, {**whose, "since": now - BACK, "until": now + AHEAD, "now": now})
    return [
        Item(row.id, row.name, (row.starts_at, row.ends_at), row.state, row.sequence, row.changed_at) for row in rows
    ]


async def items_of_space(session: AsyncSession, community_code: str, space_id: uuid.UUID, now: datetime) -> list[Item]:
    """Return a space's bookings, from a month ago to a year ahead."""
    return await _items(session, _OF_SPACE, now, community_code=community_code, space_id=space_id)


async def items_of_resident(session: AsyncSession, resident_id: uuid.UUID, now: datetime) -> list[Item]:
    """Return a resident's bookings, from a month ago to a year ahead."""
    return await _items(session, _OF_RESIDENT, now, resident_id=resident_id)


def item_of(booking: Booking, space: str) -> Item:
    """Return a booking as calendars show it."""
    period = (booking.starts_at, booking.ends_at)
    return Item(booking.id, space, period, booking.state, booking.sequence, booking.changed_at)


async def find_busy(
    session: AsyncSession, community_code: str, space_id: uuid.UUID, within: Period, now: datetime
) -> Sequence[Period]:
    """Return when a space is booked."""
    asked = {"community_code": community_code, "space_id": space_id, "now": now}
    rows = await session.execute(_BUSY, asked | {"since": within[0], "until": within[1]})
    return [(row.starts_at, row.ends_at) for row in rows]
