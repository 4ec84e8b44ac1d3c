"""HTTP: surveys, answers, entries of paper, and what they amount to."""

import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.communities.queries import list_published
from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.surveys.admit_answers import Respond
from services.scenarios.surveys.enter_paper import enter_paper
from services.scenarios.surveys.publish_survey import PublishSurvey, publish_survey
from services.scenarios.surveys.queries import count_channels, count_choices, estimate_satisfaction, find_survey
from services.scenarios.surveys.respond import respond
from services.scenarios.surveys.rules import (
    AlreadyResponded,
    AnswersInadmissible,
    EnterOnPaperTwice,
    InstrumentChanged,
    InstrumentInadmissible,
    Question,
    StratumUnknown,
    SurveyKind,
    SurveyNotOpen,
    SurveyUnseen,
)
from services.scenarios.surveys.tables import Survey
from shared import problems
from shared.assistance import Channel, ChannelNotAllowed, ConsentMissing, ResidentBody
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller, Identity
from shared.pagination import BadCursor, Cursor, Page, PageSize

router = APIRouter(prefix="/surveys", tags=["调研 Surveys"], route_class=IdempotentRoute)

Key = Annotated[str, Field(min_length=1, max_length=60, pattern=PRINTABLE)]
Text = Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]
ANSWERING = (
    SurveyUnseen,
    OutOfScope,
    ChannelNotAllowed,
    ConsentMissing,
    SurveyNotOpen,
    InstrumentChanged,
    StratumUnknown,
    AnswersInadmissible,
    AlreadyResponded,
)


class QuestionBody(BaseModel):
    """A question: a scale of 1 to 5, or a choice whose options name the catalogue's indicators that they need."""

    key: Key
    text: Text
    kind: Literal["scale", "choice"]
    options: Annotated[dict[Key, Annotated[int, Field(ge=1, le=33)]] | None, Field(max_length=50)] = None
    most: Annotated[int, Field(ge=1, le=50)] = 1
    overall: bool = False


class SurveyBody(BaseModel):
    """A survey as it is published."""

    model_config = ConfigDict(from_attributes=True)

    community_code: CommunityCode
    kind: SurveyKind
    title: Text
    questions: Annotated[list[QuestionBody], Field(min_length=1, max_length=100)]
    strata: Annotated[
        dict[Key, Annotated[int, Field(ge=1, le=1_000_000)]],
        Field(min_length=1, max_length=50, description="分组与户数，如按楼栋或年龄 / households of each stratum"),
    ]
    opens_at: Moment
    closes_at: Moment

    @model_validator(mode="after")
    def _open_for_a_while(self) -> "SurveyBody":
        if self.closes_at <= self.opens_at:
            raise ValueError("closes_at 须晚于 opens_at / it closes after it opens")
        return self


class SurveyView(SurveyBody):
    """A published survey, with the fingerprint of its instrument."""

    id: uuid.UUID
    instrument: str


class ResponseBody(ResidentBody):
    """Answers: 1 to 5 for a scale, a list of options for a choice."""

    instrument: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    household_id: uuid.UUID
    stratum: Key
    answers: Annotated[dict[Key, int | Annotated[list[Key], Field(max_length=50)]], Field(max_length=100)]

    def respond(self, survey_id: uuid.UUID, who: Identity) -> Respond:
        """Return the command."""
        return Respond(
            survey_id,
            self.instrument,
            self.household_id,
            self.stratum,
            self.answers,
            self.on_behalf(),
            who,
            datetime.now(UTC),
        )


class ResponseView(BaseModel):
    """That a resident has answered."""

    model_config = ConfigDict(from_attributes=True)

    survey_id: uuid.UUID
    channel: Channel
    responded_at: Moment


class EntryView(BaseModel):
    """What became of an entry of paper."""

    counted: Annotated[bool, Field(description="两人录入一致，已计入 / two agreed, and it counts")]
    entries: int
    differing: Annotated[list[str], Field(description="与另一人录入不同的题目 / where two entries differ")]


class EstimateView(BaseModel):
    """Satisfaction, weighted by households of the strata, with a 95 % interval; means in thousandths."""

    model_config = ConfigDict(from_attributes=True)

    answers: int
    households: int
    households_answered: int
    mean_milli: int | None
    low_milli: int | None
    high_milli: int | None
    uncovered: list[str]
    enough_households: bool
    satisfied: bool
    passed: bool


class SurveyResult(BaseModel):
    """What a survey's answers amount to."""

    instrument: str
    channels: dict[Channel, int]
    choices: dict[str, dict[str, int]]
    satisfaction: EstimateView | None


@router.post(
    "",
    status_code=201,
    summary="发布调研 / Publish a survey",
    responses=problems.responses(OutOfScope, InstrumentInadmissible, CommunityUnknown),
)
async def publish(session: Transaction, who: Caller, body: SurveyBody) -> SurveyView:
    """Publish a survey; its instrument cannot be changed afterwards."""
    questions = [Question(**question.model_dump()) for question in body.questions]
    fields = {name: getattr(body, name) for name in SurveyBody.model_fields if name != "questions"}
    return SurveyView.model_validate(
        await publish_survey(session, PublishSurvey(**fields, questions=questions, by=who))
    )


@router.get("", summary="社区的调研 / Surveys of a community", responses=problems.responses(BadCursor))
async def browse(
    session: Transaction, _: Caller, community_code: CommunityCode, cursor: Cursor = None, page_size: PageSize = 50
) -> Page[SurveyView]:
    """List a community's surveys in the order they were published."""
    found, next_cursor = await list_published(session, Survey, community_code, cursor, page_size)
    return Page(items=[SurveyView.model_validate(one) for one in found], next_cursor=next_cursor)


@router.get("/{survey_id}", summary="一份调研 / A survey", responses=problems.responses(SurveyUnseen))
async def show(session: Transaction, _: Caller, survey_id: uuid.UUID) -> SurveyView:
    """Show a survey and its instrument."""
    return SurveyView.model_validate(await find_survey(session, survey_id))


@router.post(
    "/{survey_id}/responses",
    status_code=201,
    summary="答卷 / Answer",
    responses=problems.responses(*ANSWERING, EnterOnPaperTwice),
)
async def take(session: Transaction, who: Caller, survey_id: uuid.UUID, body: ResponseBody) -> ResponseView:
    """Answer a survey: a resident itself, or the desk by phone, at the desk or at home. One person, one answer."""
    return ResponseView.model_validate(await respond(session, body.respond(survey_id, who)))


@router.post(
    "/{survey_id}/paper-entries",
    status_code=201,
    summary="录入纸质答卷 / Enter a paper",
    responses=problems.responses(*ANSWERING),
)
async def enter(session: Transaction, who: Caller, survey_id: uuid.UUID, body: ResponseBody) -> EntryView:
    """Enter a paper; it counts when a second member of staff has entered the same."""
    entered = await enter_paper(session, body.respond(survey_id, who))
    return EntryView(counted=entered.response is not None, entries=entered.entries, differing=entered.differing)


@router.get(
    "/{survey_id}/result",
    summary="调研结果 / What the answers amount to",
    responses=problems.responses(SurveyUnseen, OutOfScope),
)
async def result(session: Transaction, who: Caller, survey_id: uuid.UUID) -> SurveyResult:
    """Show counts and the weighted estimate to staff and auditors of the community."""
    survey = await find_survey(session, survey_id)
    who.require(survey.community_code, *STAFF_ROLES, "auditor")
    found = await estimate_satisfaction(session, survey)
    return SurveyResult.model_validate(
        {
            "instrument": survey.instrument,
            "channels": await count_channels(session, survey),
            "choices": await count_choices(session, survey),
            "satisfaction": asdict(found) if found else None,
        }
    )
