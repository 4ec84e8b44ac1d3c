"""Define what else a space serves as."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.modes.rules import check_clashes, check_mode
from services.scenarios.modes.tables import FunctionMode
from services.scenarios.spaces.queries import find_space, lock_spaces
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.queries import modes_of
from services.scenarios.timetable.rearrange import rearrange
from services.scenarios.timetable.rules import Mode
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class DefineMode:
    """A function that a space serves, by rule."""

    space_id: uuid.UUID
    mode: Mode
    by: Identity
    now: datetime


async def define_mode(session: AsyncSession, command: DefineMode) -> FunctionMode:
    """Define a mode of a space; what cannot be kept beside what is there is refused now, not on the day.

    Raises:
        SpaceUnseen: There is no such space.
        OutOfScope: The caller is no staff of the community.
        ModeInadmissible: It contradicts itself.
        ModesClash: A mode of the space, or of one that it shares a unit with, does not go with it.
        BookingsInTheWay: There are bookings at those times for another function.
    """
    space = await find_space(session, command.space_id)
    command.by.require(space.community_code, *STAFF_ROLES)
    mode = command.mode
    check_mode(mode)
    await lock_spaces(session, space.community_code, Space.unit_ids.overlap(space.unit_ids))
    check_clashes(mode, await modes_of(session, space, mode.valid[0]))
    defined = FunctionMode(
        community_code=space.community_code,
        space_id=space.id,
        function=mode.function,
        weekdays=sorted(mode.weekdays),
        on_holidays=mode.on_holidays,
        on_make_up_workdays=mode.on_make_up_workdays,
        starts_minute=mode.hours[0],
        ends_minute=mode.hours[1],
        change_over_minutes=mode.change_over_minutes,
        compatible_with=sorted(mode.compatible_with),
        bookable=mode.bookable,
        valid_from=mode.valid[0],
        valid_until=mode.valid[1],
        published_by=command.by.subject,
    )
    session.add(defined)
    await session.flush()
    await rearrange(session, space, command.now)
    return defined
