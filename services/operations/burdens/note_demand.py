"""Note what somebody asks of a community: it is admitted under a permit, or turned away, and either is on record."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.burdens.queries import permit_of
from services.operations.burdens.rules import turned_away
from services.operations.burdens.tables import BurdenDemand, EntryPermit
from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from shared.clock import local_day


@dataclass(frozen=True, slots=True)
class Demand:
    """Who asked what of a community, under which permit if any, and how many minutes it takes."""

    community_code: str
    permit_id: uuid.UUID | None
    department: str
    matter: str
    minutes: int
    by: str
    now: datetime


async def note_demand(session: AsyncSession, command: Demand) -> BurdenDemand:
    """Note a demand; what is turned away costs the community no minutes.

    Raises:
        CommunityNotRegistered: The community does not take part.
    """
    # One demand on a community waits for another, so that none is admitted beyond what its permit allows.
    if await session.get(Community, command.community_code, with_for_update=True) is None:
        raise CommunityNotRegistered(code=command.community_code)
    day = local_day(command.now)
    permit = await session.get(EntryPermit, command.permit_id) if command.permit_id else None
    admitted = await _admitted(session, command, day.year) if permit else 0
    why = turned_away(permit_of(permit) if permit else None, command.community_code, day, admitted)
    row = BurdenDemand(
        community_code=command.community_code,
        permit_id=permit.id if permit else None,
        year=day.year,
        case_no=None if why else admitted + 1,
        turned_away=why,
        department=command.department,
        matter=command.matter,
        minutes=0 if why else command.minutes,
        asked_at=command.now,
        recorded_by=command.by,
    )
    session.add(row)
    await session.flush()
    return row


async def _admitted(session: AsyncSession, command: Demand, year: int) -> int:
    rows = select(func.count(BurdenDemand.case_no)).where(
        BurdenDemand.community_code == command.community_code,
        BurdenDemand.permit_id == command.permit_id,
        BurdenDemand.year == year,
    )
    return await session.scalar(rows) or 0
