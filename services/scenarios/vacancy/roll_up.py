"""Roll up a month of a community's use."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.vacancy.queries import measure_all
from services.scenarios.vacancy.rules import Use
from services.scenarios.vacancy.tables import UseProfile, UtilisationMonth
from shared.clock import CHINA

LONGEST_MONTH_DAYS = 31
KEPT = ("mode", "used", "bookable", "uses", "users", "by_function")


async def roll_up(session: AsyncSession, community_code: str, month: date, now: datetime) -> int:
    """Bring the roll-ups of a month up to date, up to `now`; returns how many spaces they are of."""
    start = datetime.combine(month.replace(day=1), time(), CHINA)
    end = min((start + timedelta(days=LONGEST_MONTH_DAYS + 1)).replace(day=1), now)
    measure = await measure_all(session, community_code, (start, end))
    profiles = await session.scalars(select(UseProfile).where(UseProfile.community_code == community_code))
    rows = [_row(profile, measure(profile)) for profile in profiles]
    if rows:
        known = insert(UtilisationMonth)
        newer = {name: known.excluded[name] for name in (*KEPT, "rolled_up_at")}
        await session.execute(
            known.on_conflict_do_update(index_elements=["community_code", "month", "space_id"], set_=newer),
            [{**row, "month": start.date(), "rolled_up_at": now} for row in rows],
        )
    return len(rows)


def _row(profile: UseProfile, use: Use) -> dict[str, Any]:
    record = use.record()
    kept = {name: record[name] for name in KEPT}
    return {"community_code": profile.community_code, "space_id": profile.space_id, **kept}
