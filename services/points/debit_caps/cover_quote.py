"""Cover a quote or payment: it is refused if its community would owe too much; that it nears that is told."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.debit_caps.queries import caps_of, exposures_of
from services.points.debit_caps.rules import DebitCapReached, headrooms, within
from shared.events.points import SoftLimitPassed
from shared.outbox import publish

REFUSALS = (DebitCapReached,)
"""What `cover_quote` may refuse with."""

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('debit of ' || :code, 0))")


async def cover_quote(
    session: AsyncSession, community_code: str, to_community: str, points: int, *, now: datetime
) -> None:
    """Hold a quote or payment that this transaction has just made against the caps of its community.

    Those of one community that has a cap come one at a time from here to their commit: whoever is next sees them all.

    Raises:
        DebitCapReached: A cap leaves less.
    """
    if not await caps_of(session, community_code):
        return
    await session.execute(_ONE_AT_A_TIME, {"code": community_code})
    caps = await caps_of(session, community_code)  # as they are now: one may have been lowered meanwhile
    rooms = headrooms(caps, await exposures_of(session, community_code, now=now), to_community)
    for room in within(community_code, rooms, points):
        cap, owed = room.cap, room.exposure.points
        told = SoftLimitPassed(
            community_code=community_code,
            counterparty=cap.counterparty,
            points=owed,
            soft=cap.soft,
            hard=cap.hard,
            passed_at=now,
        )
        await publish(session, told)
