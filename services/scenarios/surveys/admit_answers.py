"""Admit and keep a resident's answers, by whichever way they came."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import admit_resident
from services.scenarios.surveys.queries import find_survey, questions_of
from services.scenarios.surveys.rules import (
    AlreadyResponded,
    InstrumentChanged,
    StratumUnknown,
    SurveyNotOpen,
    check_answers,
)
from services.scenarios.surveys.tables import Response, Survey
from shared.assistance import OnBehalf
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class Respond:
    """A resident's answers to an instrument, with its household and stratum."""

    survey_id: uuid.UUID
    instrument: str
    household_id: uuid.UUID
    stratum: str
    answers: Mapping[str, Any]
    on_behalf: OnBehalf
    by: Identity
    now: datetime


async def admit_answers(session: AsyncSession, command: Respond) -> Survey:
    """Return the survey, if it takes these answers from this caller now.

    Raises:
        SurveyUnseen: There is no such survey.
        OutOfScope: The caller is neither the resident, of that community, nor its desk.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        SurveyNotOpen: It is too early or too late.
        InstrumentChanged: The answers are to another instrument.
        StratumUnknown: The survey has no such stratum.
        AnswersInadmissible: An answer is not what its question allows.
    """
    survey = await find_survey(session, command.survey_id)
    admit_resident(survey.community_code, command.on_behalf, command.by)
    if not survey.opens_at <= command.now < survey.closes_at:
        raise SurveyNotOpen(opens_at=survey.opens_at.isoformat(), closes_at=survey.closes_at.isoformat())
    if command.instrument != survey.instrument:
        raise InstrumentChanged(instrument=survey.instrument)
    if command.stratum not in survey.strata:
        raise StratumUnknown(stratum=command.stratum, known="、".join(survey.strata))
    check_answers(questions_of(survey), command.answers)
    return survey


async def record_answers(session: AsyncSession, survey: Survey, command: Respond) -> Response:
    """Keep a response.

    Raises:
        AlreadyResponded: The resident has answered.
    """
    response: Response | None = await session.scalar(
        insert(Response)
        .values(
            community_code=survey.community_code,
            survey_id=survey.id,
            resident_id=command.on_behalf.resident_id,
            household_id=command.household_id,
            stratum=command.stratum,
            answers=dict(command.answers),
            responded_at=command.now,
            **command.on_behalf.recorded(command.by.subject),
        )
        .on_conflict_do_nothing()
        .returning(Response)
    )
    if response is None:
        raise AlreadyResponded
    return response
