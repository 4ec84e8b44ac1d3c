"""Repeat requests: what another cell has not answered is asked again, for as long as it takes."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.crossings.request_crossing import ask_crossing
from services.points.crossings.rules import ASK_AGAIN_AFTER, ASK_AGAIN_WITHIN, State
from services.points.crossings.tables import Crossing

REQUESTS_AT_ONCE = 500


async def repeat_requests(session: AsyncSession, *, now: datetime) -> int:
    """Ask again what has waited for an answer as long as it had when it was last asked, or ASK_AGAIN_AFTER; how many.

    So a cell that is away for hours finds a few requests of each crossing when it is back, not one for every half
    minute. Nothing is given up on: the deadline is for the other cell to keep, which refuses what comes after it.
    """
    since = Crossing.asked_at - Crossing.requested_at
    waiting = await session.scalars(
        select(Crossing)
        .where(
            Crossing.state == State.REQUESTED,
            Crossing.asked_at + func.least(func.greatest(since, ASK_AGAIN_AFTER), ASK_AGAIN_WITHIN) <= now,
        )
        .order_by(Crossing.asked_at)
        .limit(REQUESTS_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    repeated = 0
    for crossing in waiting:
        crossing.asked_at = now
        await ask_crossing(session, crossing)
        repeated += 1
    await session.flush()
    return repeated
