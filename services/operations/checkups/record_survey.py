"""Record what a survey found."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.checkups.rules import SURVEY, Survey
from services.operations.checkups.tables import FacilitySurvey
from services.operations.communities.rules import CommunityUnknown
from services.operations.communities.tables import CommunityReference


@dataclass(frozen=True, slots=True)
class Finding:
    """Who found what where, and when."""

    community_code: str
    year: int
    survey: Survey
    by: str
    now: datetime


async def record_survey(session: AsyncSession, command: Finding) -> uuid.UUID:
    """Record a survey; a later one of the same year takes its place, and the first stays.

    Raises:
        CommunityUnknown: The reference list does not have the code.
    """
    if await session.get(CommunityReference, command.community_code) is None:
        raise CommunityUnknown(code=command.community_code)
    row = FacilitySurvey(
        community_code=command.community_code,
        year=command.year,
        households=command.survey.households,
        found=SURVEY.dump_python(command.survey)["found"],
        surveyed_at=command.now,
        surveyed_by=command.by,
    )
    session.add(row)
    await session.flush()
    return row.id
