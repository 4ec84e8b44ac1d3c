"""Reads about what decides when spaces can be booked: the kinds of days, closures and function modes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.calendar.rules import DayKind, days_of, published_kind
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.rules import Mode
from shared.clock import Period

_OVERRIDES = text("SELECT day, kind FROM calendar_day WHERE day BETWEEN :first AND :last")
_CLOSURES = text("""
    SELECT c.starts_at, c.ends_at, c.reason
    FROM closure c JOIN space s ON s.community_code = c.community_code AND s.id = c.space_id
    WHERE c.community_code = :community_code AND s.unit_ids && CAST(:units AS uuid[])
      AND c.lifted_at IS NULL AND c.ends_at > :since
    ORDER BY c.starts_at
""")
_MODES = text("""
    SELECT m.*, s.unit_ids @> CAST(:units AS uuid[]) AS whole
    FROM function_mode m JOIN space s ON s.community_code = m.community_code AND s.id = m.space_id
    WHERE m.community_code = :community_code AND s.unit_ids && CAST(:units AS uuid[])
      AND m.ended_at IS NULL AND m.valid_until >= :first
    ORDER BY m.id
""")


@dataclass(frozen=True, slots=True)
class Closed:
    """A period in which a space is closed, and why."""

    period: Period
    reason: str


async def day_kinds(session: AsyncSession, first: date, last: date) -> dict[date, DayKind]:
    """Return the kind of each day from the first to the last: the table's, or else the published notices'."""
    kinds = {day: published_kind(day) for day in days_of(first, last)}
    for row in await session.execute(_OVERRIDES, {"first": first, "last": last}):
        kinds[row.day] = row.kind
    return kinds


def _of(space: Space) -> dict[str, Any]:
    return {"community_code": space.community_code, "units": space.unit_ids}


async def closures_of(session: AsyncSession, space: Space, since: datetime) -> list[Closed]:
    """Return the closures of a space, and of those that it shares a unit with, that end after a moment."""
    rows = await session.execute(_CLOSURES, _of(space) | {"since": since})
    return [Closed((row.starts_at, row.ends_at), row.reason) for row in rows]


async def modes_of(session: AsyncSession, space: Space, first: date) -> Sequence[Mode]:
    """Return the modes of a space, and of those that it shares a unit with, that are valid from a day on."""
    rows = await session.execute(_MODES, _of(space) | {"first": first})
    return [
        Mode(
            row.function,
            frozenset(row.weekdays),
            row.on_holidays,
            row.on_make_up_workdays,
            (row.starts_minute, row.ends_minute),
            row.change_over_minutes,
            frozenset(row.compatible_with),
            row.bookable,
            (row.valid_from, row.valid_until),
            row.whole,
        )
        for row in rows
    ]
