"""Lift a closure."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.closures.rules import ClosureUnseen
from services.scenarios.closures.tables import Closure
from services.scenarios.spaces.queries import find_space
from services.scenarios.timetable.rearrange import rearrange
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class LiftClosure:
    """A closure that is over before its time."""

    closure_id: uuid.UUID
    by: Identity
    now: datetime


async def lift_closure(session: AsyncSession, command: LiftClosure) -> Closure:
    """Lift a closure: the space can be booked again at once. Lifted again, it stays as it is.

    Raises:
        ClosureUnseen: There is none with this id.
        OutOfScope: The caller is no staff of the community.
    """
    closure = await session.scalar(select(Closure).where(Closure.id == command.closure_id))
    if closure is None:
        raise ClosureUnseen(closure_id=str(command.closure_id))
    command.by.require(closure.community_code, *STAFF_ROLES)
    closure.lifted_at = closure.lifted_at or command.now
    await session.flush()
    await rearrange(session, await find_space(session, closure.space_id), command.now)
    return closure
