"""Keep hours of a space for those who are helped."""

import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.assistance.tables import AssistedReserve
from services.scenarios.spaces.queries import find_space
from shared.identity import Identity
from shared.put import put


@dataclass(frozen=True, slots=True)
class ReserveHours:
    """Minutes of each day from and to midnight, and how many hours before a start they are open to all."""

    space_id: uuid.UUID
    from_minute: int
    to_minute: int
    release_hours: int
    by: Identity


async def reserve_hours(session: AsyncSession, command: ReserveHours) -> AssistedReserve:
    """Reserve a space's hours, or others instead; bookings that stand are not touched.

    Raises:
        SpaceUnseen: There is no such space.
        OutOfScope: The caller is no staff of the community.
    """
    space = await find_space(session, command.space_id)
    command.by.require(space.community_code, *STAFF_ROLES)
    values = {
        "from_minute": command.from_minute,
        "to_minute": command.to_minute,
        "release_hours": command.release_hours,
        "set_by": command.by.subject,
    }
    return await put(session, AssistedReserve, {"community_code": space.community_code, "space_id": space.id}, values)
