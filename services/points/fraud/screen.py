"""Screen 风险筛查: all detectors look at what was done lately; who is suspected is frozen until somebody has looked."""

from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.fraud.queries import area_of, cleared_lately, read_lately
from services.points.fraud.tables import Freeze, Screening
from services.points.suspicions.rules import SCREENED, suspicions

SCREENER = "system:screening"
CLEARED_FOR = timedelta(days=1)


async def screen(session: AsyncSession, *, now: datetime) -> int:
    """Look for fraud, and note that somebody has looked.

    Who was cleared of a suspicion is left alone by that detector for a day; after it, only what was done since is held
    against them.

    Returns:
        How many are suspected anew.
    """
    new, cleared = 0, await cleared_lately(session, now)
    for one in suspicions(await read_lately(session, now), cleared):
        if cleared.get(one.detector, {}).get(one.who, now - SCREENED) > now - CLEARED_FOR:
            continue
        area = await area_of(session, one.who)
        row = insert(Freeze).values(
            who=one.who, area=area, detector=one.detector, reason=one.reason, frozen_by=SCREENER, frozen_at=now
        )
        new += await session.scalar(row.on_conflict_do_nothing().returning(Freeze.freeze_id)) is not None
    await session.execute(insert(Screening).values(screened_at=now, suspected=new).on_conflict_do_nothing())
    return new
