"""Lay out the windows within which spaces can be booked, from their rules and the calendar."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.calendar.queries import day_kinds
from services.scenarios.calendar.rules import Periods, midnight
from services.scenarios.spaces.queries import terms_of
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.rules import AHEAD_DAYS, BASE, openings, windows
from services.scenarios.timetable.tables import Window
from shared.clock import local_day


async def lay_out_windows(session: AsyncSession, spaces: Sequence[Space], now: datetime) -> None:
    """Lay out the windows of spaces anew, from today on for AHEAD_DAYS; who calls this keeps bookings out meanwhile."""
    today = local_day(now)
    kinds = await day_kinds(session, today, today + timedelta(days=AHEAD_DAYS))
    for space in spaces:
        await session.execute(
            delete(Window).where(
                Window.community_code == space.community_code,
                Window.space_id == space.id,
                Window.starts_at >= midnight(today),
            )
        )
        laid_out = windows(BASE, openings(terms_of(space), kinds), Periods())
        rows = [
            {
                "community_code": space.community_code,
                "space_id": space.id,
                "function": window.function,
                "starts_at": window.period[0],
                "ends_at": window.period[1],
                "grid_from": window.grid_from,
            }
            for window in laid_out
        ]
        if rows:
            await session.execute(insert(Window), rows)
        space.laid_out_until = max(kinds)
