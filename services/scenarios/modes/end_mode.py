"""End a function mode."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.modes.rules import ModeUnseen
from services.scenarios.modes.tables import FunctionMode
from services.scenarios.spaces.queries import find_space
from services.scenarios.timetable.rearrange import rearrange
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class EndMode:
    """A function that a space serves no more."""

    mode_id: uuid.UUID
    by: Identity
    now: datetime


async def end_mode(session: AsyncSession, command: EndMode) -> FunctionMode:
    """End a mode: the space serves its own function again. Ended again, it stays as it is.

    Raises:
        ModeUnseen: There is none with this id.
        OutOfScope: The caller is no staff of the community.
        BookingsInTheWay: It is booked for that function.
    """
    mode = await session.scalar(select(FunctionMode).where(FunctionMode.id == command.mode_id))
    if mode is None:
        raise ModeUnseen(mode_id=str(command.mode_id))
    command.by.require(mode.community_code, *STAFF_ROLES)
    mode.ended_at = mode.ended_at or command.now
    await session.flush()
    await rearrange(session, await find_space(session, mode.space_id), command.now)
    return mode
