"""Lay out windows for the days that have come into reach."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.lay_out_windows import lay_out_windows
from services.scenarios.timetable.rules import AHEAD_DAYS
from shared.clock import local_day

SPACES_MAX = 200


async def roll_windows(session: AsyncSession, now: datetime) -> int:
    """Lay out some spaces that do not reach far enough, and return how many: call it until there are none."""
    reach = local_day(now) + timedelta(days=AHEAD_DAYS - 1)
    spaces = await session.scalars(
        select(Space)
        .where(Space.laid_out_until < reach, Space.retired_at.is_(None))
        .order_by(Space.community_code, Space.id)
        .limit(SPACES_MAX)
        .with_for_update()
    )
    due = spaces.all()
    await lay_out_windows(session, due, now)
    return len(due)
