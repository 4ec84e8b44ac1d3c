"""Note that people came to a space."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.spaces.queries import find_space
from services.scenarios.vacancy.rules import VisitToCome
from services.scenarios.vacancy.tables import Visit
from shared.identity import Identity

COUNTERS = (*STAFF_ROLES, "device")


@dataclass(frozen=True, slots=True)
class NoteVisit:
    """People who came to a space without a booking; the resident, where it is known, by its pseudonymous id."""

    space_id: uuid.UUID
    resident_id: uuid.UUID | None
    people: int
    visited_at: datetime
    by: Identity
    now: datetime


async def note_visit(session: AsyncSession, command: NoteVisit) -> Visit:
    """Note a visit, as a device or the desk has counted it.

    Raises:
        SpaceUnseen: There is no such space.
        OutOfScope: The caller is neither staff nor a device of the community.
        VisitToCome: It lies in the future.
    """
    space = await find_space(session, command.space_id)
    command.by.require(space.community_code, *COUNTERS)
    if command.visited_at > command.now:
        raise VisitToCome
    visit = Visit(
        community_code=space.community_code,
        space_id=space.id,
        resident_id=command.resident_id,
        people=command.people,
        visited_at=command.visited_at,
        noted_by=command.by.subject,
    )
    session.add(visit)
    await session.flush()
    return visit
