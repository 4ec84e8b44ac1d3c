"""Publish a space."""

from dataclasses import asdict, dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.communities.queries import require_registered
from services.scenarios.spaces.rules import Terms, check_terms
from services.scenarios.spaces.tables import Space
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class PublishSpace:
    """A space of a community, with the terms on which it is booked."""

    community_code: str
    name: str
    terms: Terms
    by: Identity


async def publish_space(session: AsyncSession, command: PublishSpace) -> Space:
    """Publish a space, open for booking at once.

    Raises:
        OutOfScope: The caller is no staff of the community.
        OpeningHoursOverlap: A time of opening is empty or overlaps another.
        TermsUnbookable: No booking could keep the terms.
        CommunityUnknown: The community does not take part.
    """
    command.by.require(command.community_code, *STAFF_ROLES)
    check_terms(command.terms)
    await require_registered(session, command.community_code)
    space = Space(
        community_code=command.community_code,
        name=command.name,
        opening_hours=[asdict(opening) for opening in command.terms.openings],
        slot_minutes=command.terms.slot_minutes,
        buffer_minutes=command.terms.buffer_minutes,
        longest_minutes=command.terms.longest_minutes,
        published_by=command.by.subject,
    )
    session.add(space)
    await session.flush()
    return space
