"""Roll up a month of a community's use."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.calendar.queries import day_kinds
from services.scenarios.spaces.tables import Space
from services.scenarios.vacancy.queries import NOTHING, count, measured_in
from services.scenarios.vacancy.rules import Use
from services.scenarios.vacancy.tables import UseProfile, UtilisationMonth
from shared.clock import CHINA, local_day

LONGEST_MONTH_DAYS = 31


async def roll_up(session: AsyncSession, community_code: str, month: date, now: datetime) -> int:
    """Bring the roll-ups of a month up to date, up to `now`; returns how many spaces they are of."""
    start = datetime.combine(month.replace(day=1), time(), CHINA)
    end = min((start + timedelta(days=LONGEST_MONTH_DAYS + 1)).replace(day=1), now)
    counted = await count(session, community_code, start, end)
    kinds = await day_kinds(session, start.date(), local_day(end))
    spaces = await session.execute(
        select(Space, UseProfile)
        .join(UseProfile, (UseProfile.community_code == Space.community_code) & (UseProfile.space_id == Space.id))
        .where(Space.community_code == community_code)
    )
    rows = [
        _row(space, measured_in(space, profile, counted.get(space.id, NOTHING), kinds, (start, end)))
        for space, profile in spaces
    ]
    if rows:
        known = insert(UtilisationMonth)
        newer = {name: known.excluded[name] for name in ("mode", "used", "bookable", "uses", "users", "rolled_up_at")}
        await session.execute(
            known.on_conflict_do_update(index_elements=["community_code", "month", "space_id"], set_=newer),
            [{**row, "month": start.date(), "rolled_up_at": now} for row in rows],
        )
    return len(rows)


def _row(space: Space, use: Use) -> dict[str, Any]:
    kept = {"mode": use.mode, "used": use.used, "bookable": use.bookable, "uses": use.uses, "users": use.users}
    return {"community_code": space.community_code, "space_id": space.id, **kept}
