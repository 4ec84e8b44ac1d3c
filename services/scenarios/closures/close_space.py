"""Close a space for a while."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.availability.rules import PeriodReversed
from services.scenarios.closures.tables import Closure
from services.scenarios.spaces.queries import find_space, lock_spaces
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.rearrange import rearrange
from shared.clock import Period
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class CloseSpace:
    """A period in which a space cannot be used, and why."""

    space_id: uuid.UUID
    period: Period
    reason: str
    by: Identity
    now: datetime


async def close_space(session: AsyncSession, command: CloseSpace) -> Closure:
    """Close a space, and all that shares a unit with it.

    Raises:
        SpaceUnseen: There is no such space.
        OutOfScope: The caller is no staff of the community.
        PeriodReversed: The period is empty or reversed.
        BookingsInTheWay: There are bookings in the period; nothing is closed.
    """
    space = await find_space(session, command.space_id)
    command.by.require(space.community_code, *STAFF_ROLES)
    if command.period[1] <= command.period[0]:
        raise PeriodReversed
    await lock_spaces(session, space.community_code, Space.unit_ids.overlap(space.unit_ids))
    closure = Closure(
        community_code=space.community_code,
        space_id=space.id,
        starts_at=command.period[0],
        ends_at=command.period[1],
        reason=command.reason,
        published_by=command.by.subject,
    )
    session.add(closure)
    await session.flush()
    await rearrange(session, space, command.now)
    return closure
