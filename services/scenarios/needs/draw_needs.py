"""Draw the need list of a survey."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.needs.queries import list_needs
from services.scenarios.needs.rules import SurveyStillOpen, needs_of
from services.scenarios.needs.tables import Need, NeedAnswer
from services.scenarios.surveys.queries import count_choices, find_survey, questions_of
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class DrawNeeds:
    """A survey that has closed."""

    survey_id: uuid.UUID
    by: Identity
    now: datetime


async def draw_needs(session: AsyncSession, command: DrawNeeds) -> Sequence[tuple[Need, list[NeedAnswer]]]:
    """Draw a survey's need list; drawn again it is the same.

    Raises:
        SurveyUnseen: There is no such survey.
        OutOfScope: The caller is no staff of the community.
        SurveyStillOpen: Answers may still come in.
    """
    survey = await find_survey(session, command.survey_id)
    command.by.require(survey.community_code, *STAFF_ROLES)
    if command.now < survey.closes_at:
        raise SurveyStillOpen(closes_at=survey.closes_at.isoformat())
    indicators = {one.key: dict(one.options or {}) for one in questions_of(survey)}
    wanted = needs_of(await count_choices(session, survey), indicators)
    if wanted:
        rows = [{"community_code": survey.community_code, "survey_id": survey.id, **asdict(one)} for one in wanted]
        await session.execute(insert(Need).on_conflict_do_nothing(), rows)
    return await list_needs(session, survey.community_code, survey.id)
