"""Screen 风险筛查: all detectors look at what was done lately; who is suspected is frozen until somebody has looked."""

from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.fraud.queries import area_of, freezes_of, read_lately
from services.points.fraud.tables import Freeze, Screening
from services.points.suspicions.rules import suspicions

SCREENER = "system:screening"
CLEARED_FOR = timedelta(days=1)


async def screen(session: AsyncSession, *, now: datetime) -> int:
    """Look for fraud, and note that somebody has looked.

    Who was cleared of a suspicion is left alone by that detector for a day.

    Returns:
        How many are suspected anew.
    """
    new = 0
    for one in suspicions(await read_lately(session, now)):
        if any(
            known.detector == one.detector and _left_alone(known, now) for known in await freezes_of(session, one.who)
        ):
            continue
        area = await area_of(session, one.who)
        row = insert(Freeze).values(
            who=one.who, area=area, detector=one.detector, reason=one.reason, frozen_by=SCREENER, frozen_at=now
        )
        new += await session.scalar(row.on_conflict_do_nothing().returning(Freeze.freeze_id)) is not None
    await session.execute(insert(Screening).values(screened_at=now, suspected=new).on_conflict_do_nothing())
    return new


def _left_alone(known: Freeze, now: datetime) -> bool:
    cleared_at = known.decided_at if known.lifted_by else None
    return cleared_at is not None and cleared_at > now - CLEARED_FOR
