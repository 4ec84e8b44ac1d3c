"""Enter with whom a resident lives."""

import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.communities.queries import require_registered
from services.scenarios.households.tables import HouseholdMember
from shared.identity import Identity
from shared.put import put


@dataclass(frozen=True, slots=True)
class EnterMember:
    """A resident of a household; both by pseudonymous ids."""

    community_code: str
    household_id: uuid.UUID
    resident_id: uuid.UUID
    by: Identity


async def enter_member(session: AsyncSession, command: EnterMember) -> HouseholdMember:
    """Enter a resident into a household, and out of the one before.

    Raises:
        OutOfScope: The caller is no staff of the community.
        CommunityUnknown: The community does not take part.
    """
    command.by.require(command.community_code, *STAFF_ROLES)
    await require_registered(session, command.community_code)
    row = {"household_id": command.household_id, "entered_by": command.by.subject}
    key = {"community_code": command.community_code, "resident_id": command.resident_id}
    return await put(session, HouseholdMember, key, row)
