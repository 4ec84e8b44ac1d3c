"""Reads of what the desk did, under the locks that its limits need."""

import uuid
from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.assistance.rules import AssistedActUnknown, Today
from services.points.assistance.tables import AssistedAct
from shared.assistance import subject_of
from shared.clock import CHINA, local_day
from shared.identity import Identity

LISTED_MAX = 200
STAFF = ("desk", "operator", "official", "auditor")

_LOCK = text("""
    SELECT pg_advisory_xact_lock(name)
    FROM (SELECT hashtextextended('assisted ' || unnest(CAST(:names AS text[])), 0) AS name ORDER BY name)
""")
_TODAY = text("""
    SELECT coalesce(sum(points) FILTER (WHERE resident_id = :resident_id), 0)::bigint,
           count(*) FILTER (WHERE resident_id = :resident_id),
           coalesce(sum(points) FILTER (WHERE given_by = :clerk), 0)::bigint
    FROM assisted_act
    WHERE (resident_id = :resident_id OR given_by = :clerk) AND acted_at >= :since
""")


async def read_today(session: AsyncSession, resident_id: uuid.UUID, clerk: str, now: datetime) -> Today:
    """Return what was done today for a resident, and by a clerk; others who would add to it wait."""
    await session.execute(_LOCK, {"names": [subject_of(resident_id), clerk]})
    since = datetime.combine(local_day(now), time(), CHINA)
    given = {"resident_id": resident_id, "clerk": clerk, "since": since}
    return Today(*(await session.execute(_TODAY, given)).one())


async def get_act(session: AsyncSession, act_id: uuid.UUID, who: Identity) -> AssistedAct:
    """Return an act to its resident, or to staff of the community.

    Raises:
        AssistedActUnknown: There is none that this caller may see.
    """
    act = await session.scalar(select(AssistedAct).where(AssistedAct.act_id == act_id))
    if act is None or not (who.subject == subject_of(act.resident_id) or who.holds(act.community_code, *STAFF)):
        raise AssistedActUnknown(act_id=act_id)
    return act


async def acts_for(session: AsyncSession, resident_id: uuid.UUID) -> Sequence[AssistedAct]:
    """Return what was done for a resident, the newest first, at most LISTED_MAX."""
    found = select(AssistedAct).where(AssistedAct.resident_id == resident_id)
    return (await session.scalars(found.order_by(AssistedAct.acted_at.desc()).limit(LISTED_MAX))).all()


async def acts_in(session: AsyncSession, community_code: str) -> Sequence[AssistedAct]:
    """Return what was done in a community, the newest first, at most LISTED_MAX."""
    found = select(AssistedAct).where(AssistedAct.community_code == community_code)
    return (await session.scalars(found.order_by(AssistedAct.act_id.desc()).limit(LISTED_MAX))).all()
