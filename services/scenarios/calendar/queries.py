"""Reads about days."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.calendar.rules import DayKind, days_of, published_kind

_OVERRIDES = text("SELECT day, kind FROM calendar_day WHERE day BETWEEN :first AND :last")


async def day_kinds(session: AsyncSession, first: date, last: date) -> dict[date, DayKind]:
    """Return the kind of each day from the first to the last: the table's, or else the published notices'."""
    kinds = {day: published_kind(day) for day in days_of(first, last)}
    for row in await session.execute(_OVERRIDES, {"first": first, "last": last}):
        kinds[row.day] = row.kind
    return kinds
