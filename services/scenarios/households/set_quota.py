"""Set how much a household may book."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.communities.queries import require_registered
from services.scenarios.households.tables import BookingQuota
from shared.identity import Identity
from shared.put import put


@dataclass(frozen=True, slots=True)
class SetQuota:
    """Minutes of a community's spaces that a household may book in a week."""

    community_code: str
    minutes_a_week: int
    by: Identity


async def set_quota(session: AsyncSession, command: SetQuota) -> BookingQuota:
    """Set a community's quota; bookings that stand are kept.

    Raises:
        OutOfScope: The caller is no staff of the community.
        CommunityUnknown: The community does not take part.
    """
    command.by.require(command.community_code, *STAFF_ROLES)
    await require_registered(session, command.community_code)
    row = {"minutes_a_week": command.minutes_a_week, "set_by": command.by.subject}
    return await put(session, BookingQuota, {"community_code": command.community_code}, row)
