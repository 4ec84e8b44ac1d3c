"""Open a motion."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.communities.queries import require_registered
from services.scenarios.motions.tables import Motion
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class OpenMotion:
    """What residents are asked about."""

    community_code: str
    title: str
    description: str
    by: Identity


async def open_motion(session: AsyncSession, command: OpenMotion) -> Motion:
    """Open a motion; it begins with residents' wishes.

    Raises:
        OutOfScope: The caller is no staff of the community.
        CommunityUnknown: The community does not take part.
    """
    command.by.require(command.community_code, *STAFF_ROLES)
    await require_registered(session, command.community_code)
    motion = Motion(
        community_code=command.community_code,
        title=command.title,
        description=command.description,
        stage="wishes",
        published_by=command.by.subject,
    )
    session.add(motion)
    await session.flush()
    return motion
