"""Publish a survey."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.communities.queries import require_registered
from services.scenarios.surveys.rules import Question, SurveyKind, check_instrument, fingerprint
from services.scenarios.surveys.tables import Survey
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class PublishSurvey:
    """A survey's instrument, the households of each stratum, and when it is open."""

    community_code: str
    kind: SurveyKind
    title: str
    questions: Sequence[Question]
    strata: Mapping[str, int]
    opens_at: datetime
    closes_at: datetime
    by: Identity


async def publish_survey(session: AsyncSession, command: PublishSurvey) -> Survey:
    """Publish a survey; its instrument is frozen from now on, and a better one is another survey.

    Raises:
        OutOfScope: The caller is no staff of the community.
        InstrumentInadmissible: Nobody could answer it.
        CommunityUnknown: The community does not take part.
    """
    command.by.require(command.community_code, *STAFF_ROLES)
    check_instrument(command.kind, command.questions)
    await require_registered(session, command.community_code)
    survey = Survey(
        community_code=command.community_code,
        kind=command.kind,
        title=command.title,
        questions=[asdict(question) for question in command.questions],
        instrument=fingerprint(command.questions),
        strata=dict(command.strata),
        opens_at=command.opens_at,
        closes_at=command.closes_at,
        published_by=command.by.subject,
    )
    session.add(survey)
    await session.flush()
    return survey
