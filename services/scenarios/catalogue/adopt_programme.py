"""Adopt a programme: a community's level, project type and menu."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.catalogue.queries import indicators
from services.scenarios.catalogue.rules import Level, ProjectType, check_picks
from services.scenarios.catalogue.tables import Programme
from services.scenarios.communities.queries import require_registered
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class AdoptProgramme:
    """A level, a project type, and the optional indicators that a community picks."""

    community_code: str
    level: Level
    project_type: ProjectType
    picks: Sequence[int]
    by: Identity


async def adopt_programme(session: AsyncSession, command: AdoptProgramme) -> Programme:
    """Adopt a programme; it holds from now on, and those before it stay on record.

    Raises:
        OutOfScope: The caller is neither the operator nor an official of the community.
        CommunityUnknown: The community does not take part.
        NotOnMenu: A pick is none of the optional indicators.
    """
    command.by.require(command.community_code, "operator", "official")
    await require_registered(session, command.community_code)
    programme = Programme(
        community_code=command.community_code,
        level=command.level,
        project_type=command.project_type,
        picks=list(check_picks(indicators(), command.picks, command.level, command.project_type)),
        published_by=command.by.subject,
    )
    session.add(programme)
    await session.flush()
    return programme
