"""Reads about surveys: the instrument, and what the answers amount to."""

import uuid
from collections import defaultdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.surveys.rules import Estimate, Question, SurveyUnseen, estimate
from services.scenarios.surveys.tables import Response, Survey


async def find_survey(session: AsyncSession, survey_id: uuid.UUID) -> Survey:
    """Return a survey.

    Raises:
        SurveyUnseen: There is none with this id.
    """
    survey = await session.scalar(select(Survey).where(Survey.id == survey_id))
    if survey is None:
        raise SurveyUnseen(survey_id=str(survey_id))
    return survey


def questions_of(survey: Survey) -> list[Question]:
    """Return a survey's questions as the rules take them."""
    return [Question(**question) for question in survey.questions]


async def count_channels(session: AsyncSession, survey: Survey) -> dict[str, int]:
    """Return how many have answered by which channel: the mix of modes."""
    rows = await session.execute(
        select(Response.channel, func.count())
        .where(Response.community_code == survey.community_code, Response.survey_id == survey.id)
        .group_by(Response.channel)
        .order_by(Response.channel)
    )
    return {row[0]: row[1] for row in rows}


async def count_choices(session: AsyncSession, survey: Survey) -> dict[str, dict[str, int]]:
    """Return, of each question of choice, how many chose which option."""
    counted: dict[str, dict[str, int]] = {
        one.key: dict.fromkeys(one.options or (), 0) for one in questions_of(survey) if one.kind == "choice"
    }
    for answers in await _answers(session, survey):
        for key, votes in counted.items():
            for option in answers[key]:
                votes[option] += 1
    return counted


async def _answers(session: AsyncSession, survey: Survey) -> list[dict[str, Any]]:
    rows = await session.scalars(
        select(Response.answers).where(
            Response.community_code == survey.community_code, Response.survey_id == survey.id
        )
    )
    return list(rows)


async def estimate_satisfaction(session: AsyncSession, survey: Survey) -> Estimate | None:
    """Return what the overall scale of a survey amounts to; none if it has no such scale."""
    overall = next((question.key for question in questions_of(survey) if question.overall), None)
    if overall is None:
        return None
    rows = await session.execute(
        select(Response.stratum, Response.household_id, Response.answers[overall].as_integer()).where(
            Response.community_code == survey.community_code, Response.survey_id == survey.id
        )
    )
    scores: dict[str, list[int]] = defaultdict(list)
    households: dict[str, set[uuid.UUID]] = defaultdict(set)
    for stratum, household_id, score in rows:
        scores[stratum].append(score)
        households[stratum].add(household_id)
    return estimate(survey.strata, scores, {stratum: len(known) for stratum, known in households.items()})
