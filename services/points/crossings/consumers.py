"""Takes in what another cell asks and decides, as far as it concerns this one."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.crossings.decide_crossing import decide_crossing
from services.points.crossings.finish_crossing import finish_crossing
from shared.events.points import CrossingDecided, CrossingRequested
from shared.inbox import Handler, on


def handlers_of(cell: str) -> Sequence[Handler]:
    """Return what the cell of a prefix does with crossings; what is for others it leaves to them."""

    async def take_request(session: AsyncSession, event: CrossingRequested) -> None:
        if event.to_community.startswith(cell):
            await decide_crossing(session, event, now=datetime.now(UTC))

    async def take_decision(session: AsyncSession, event: CrossingDecided) -> None:
        if event.from_community.startswith(cell):
            await finish_crossing(session, event, now=datetime.now(UTC))

    return (on(CrossingRequested, take_request), on(CrossingDecided, take_decision))
