"""Say what a space's use is measured against."""

import uuid
from dataclasses import asdict, dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.spaces.queries import find_space
from services.scenarios.vacancy.rules import Profile
from services.scenarios.vacancy.tables import UseProfile
from shared.identity import Identity
from shared.put import put


@dataclass(frozen=True, slots=True)
class SetProfile:
    """A space's mode, capacity, households around and yearly cost."""

    space_id: uuid.UUID
    profile: Profile
    by: Identity


async def set_profile(session: AsyncSession, command: SetProfile) -> UseProfile:
    """Set a space's profile, or replace it; the space is watched from now on.

    Raises:
        SpaceUnseen: There is no such space.
        OutOfScope: The caller is no staff of the community.
    """
    space = await find_space(session, command.space_id)
    command.by.require(space.community_code, *STAFF_ROLES)
    values = {**asdict(command.profile), "set_by": command.by.subject}
    return await put(session, UseProfile, {"community_code": space.community_code, "space_id": space.id}, values)
