"""Say that one checks in to a space."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.arrivals.tables import CheckInPolicy
from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.spaces.queries import find_space
from shared.identity import Identity
from shared.put import put


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """How many minutes after its start a booking waits for its people."""

    space_id: uuid.UUID
    grace_minutes: int
    by: Identity
    now: datetime


async def set_policy(session: AsyncSession, command: SetPolicy) -> CheckInPolicy:
    """Set a space's policy, or set it anew with another code at the door; it holds for bookings that start later.

    Raises:
        SpaceUnseen: There is no such space.
        OutOfScope: The caller is no staff of the community.
    """
    space = await find_space(session, command.space_id)
    command.by.require(space.community_code, *STAFF_ROLES)
    values = {
        "grace_minutes": command.grace_minutes,
        "code": secrets.token_hex(4).upper(),
        "set_by": command.by.subject,
        "set_at": command.now,
    }
    return await put(session, CheckInPolicy, {"community_code": space.community_code, "space_id": space.id}, values)
