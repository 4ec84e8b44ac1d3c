"""Reads of what was earned: by a resident, and by those who earned most."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.honours.tables import TierScheme
from shared.clock import CHINA

BEGINNING = date(2000, 1, 1)

# What was taken back, as granted in error, was not earned. That it was spent, or has expired, makes no difference.
_EARNED = """
    SELECT deed.resident_id, sum(deed.points - coalesce(back.points, 0))::bigint AS points FROM deed
    LEFT JOIN LATERAL (
        SELECT sum(amount) AS points FROM transfer JOIN entry USING (community_code, transfer_id)
        WHERE transfer.community_code = deed.community_code AND reverses = deed.transfer_id AND amount > 0
    ) AS back ON true
    WHERE occurred_at >= :since AND occurred_at < :until AND {which} GROUP BY deed.resident_id
"""
_OWN = text(_EARNED.format(which="resident_id = :resident_id AND starts_with(community_code, :area)"))
_BEST = text(f"""
    SELECT rank() OVER (ORDER BY points DESC) AS rank, resident_id, points FROM ({
    _EARNED.format(
        which="community_code >= :area AND community_code < :area || 'x' AND (:activity = '' OR activity = :activity)"
    )
}) AS earned WHERE points > 0 ORDER BY points DESC, resident_id LIMIT :most
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a leaderboard; those who earned the same share it."""

    rank: int
    resident_id: uuid.UUID
    points: int


async def scheme_for(session: AsyncSession, community_code: str) -> TierScheme | None:
    """Return the tiers in force for a community: the newest of the smallest area around it that has any."""
    areas = [community_code[:digits] for digits in (2, 4, 6, 9, 12)]
    found = select(TierScheme).where(TierScheme.area.in_(areas)).order_by(TierScheme.area.desc())
    return await session.scalar(found.order_by(TierScheme.version.desc()).limit(1))


async def earned_by(session: AsyncSession, resident_id: uuid.UUID, area: str, since: date, until: datetime) -> int:
    """Return what a resident has earned in an area from a day on."""
    bound = {"resident_id": resident_id, "area": area, "since": _midnight(since), "until": until}
    row = (await session.execute(_OWN, bound)).one_or_none()
    return row.points if row else 0


async def best_of(
    session: AsyncSession, area: str, activity: str, *, since: date, until: date, most: int
) -> Sequence[Place]:
    """Return who earned most in an area from a day to before another, at most `most`; no activity stands for all."""
    bound = {"area": area, "activity": activity, "since": _midnight(since), "until": _midnight(until), "most": most}
    return [Place(*row) for row in await session.execute(_BEST, bound)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
