"""HTTP of acceptance."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.operations.acceptance import queries
from services.operations.acceptance.adopt_rubric import Adoption, adopt_rubric, reference
from services.operations.acceptance.decide import Decision, decide
from services.operations.acceptance.open_acceptance import Opening, open_acceptance
from services.operations.acceptance.rules import (
    AcceptanceDecided,
    AcceptanceIncomplete,
    AcceptanceState,
    AcceptanceUnseen,
    Outcome,
    Rubric,
    RubricExists,
    RubricOfAnotherType,
    RubricUnseen,
    Satisfaction,
    ScoreInadmissible,
    judge,
)
from services.operations.acceptance.score import Given, Scoring, score
from services.operations.acceptance.survey import Surveyed, survey
from services.operations.communities.rules import CommunityNotRegistered, ProjectType
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(tags=["验收 acceptance"], route_class=IdempotentRoute)

READERS = ("desk", "operator", "official", "auditor")
Text = Annotated[str, Field(min_length=1, max_length=300, pattern=PRINTABLE)]
Evidence = Annotated[list[Text], Field(min_length=1, max_length=50, description="证据链接 / links to the evidence")]
Count = Annotated[int, Field(gt=0, le=10_000_000)]
Points = Annotated[int, Field(ge=0, le=10_000)]


class RubricAdoption(BaseModel):
    """A rubric that an area adopts: one of its own, or the reference of a project type."""

    area_code: AreaPrefix
    rubric: Rubric | ProjectType


class AcceptanceOpening(BaseModel):
    """A project that is to be assessed."""

    project_type: ProjectType
    rubric: Annotated[str, Field(min_length=1, max_length=60, pattern=PRINTABLE)]


class GivenBody(BaseModel):
    """Points for an item."""

    item: Annotated[str, Field(min_length=1, max_length=60)]
    points: Points
    evidence: Evidence


class ScoringBody(BaseModel):
    """What an assessor gives."""

    scores: Annotated[list[GivenBody], Field(min_length=1, max_length=100)]


class SatisfactionBody(BaseModel):
    """A survey: of so many households so many answered, and their scores of 1 to 5 come to so much."""

    households: Count
    answered: Count
    score_sum: Count

    @model_validator(mode="after")
    def adds_up(self) -> Self:
        """Refuse more answers than households, and a sum that scores of 1 to 5 cannot come to."""
        if self.answered > self.households or not self.answered <= self.score_sum <= 5 * self.answered:
            raise ValueError("户数或总分不可能 / more answers than households, or an impossible sum")
        return self


class SurveyBody(SatisfactionBody):
    """A survey with its evidence."""

    evidence: Evidence


class SimulationBody(BaseModel):
    """What if: these points instead of an item's scores, this survey instead of the one there is."""

    points: dict[str, Points] = {}
    satisfaction: SatisfactionBody | None = None


class DimensionView(BaseModel):
    """What a dimension comes to."""

    code: str
    name: str
    points: Decimal
    bonus: Decimal
    most: int
    most_bonus: int


class OutcomeView(BaseModel):
    """What an acceptance comes to; figures are cut off, never rounded up to a limit."""

    passed: bool
    total: Decimal
    pass_points: int
    dimensions: list[DimensionView]
    satisfaction: Decimal | None = Field(description="满分 5 / of 5")
    sample_percent: Decimal | None
    missing: list[str]
    disputed: list[str] = Field(description="评分分歧超过该项 30 % / assessors far apart")
    reasons: list[str]


class AcceptanceView(BaseModel):
    """An acceptance and what it comes to as it stands."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: str
    rubric: str
    project_type: ProjectType
    state: AcceptanceState
    opened_at: Moment
    decided_at: Moment | None
    digest: str = Field(description="评分、证据与结论的 SM3 / of scores, evidence and outcome")
    outcome: OutcomeView


@router.post(
    "/acceptance-rubrics",
    status_code=201,
    summary="采用评分标准 / Adopt a rubric",
    responses=problems.responses(RubricExists, OutOfScope),
)
async def adopt(body: RubricAdoption, session: Transaction, who: Caller) -> Rubric:
    """Adopt a rubric for an area; takes an official of it."""
    who.require(body.area_code, "official")
    rubric = reference(body.rubric) if isinstance(body.rubric, str) else body.rubric
    await adopt_rubric(session, Adoption(body.area_code, rubric, by=who.subject, now=datetime.now(UTC)))
    return rubric


@router.post(
    "/acceptances/{code}",
    status_code=201,
    summary="启动验收 / Open an acceptance",
    responses=problems.responses(CommunityNotRegistered, RubricUnseen, RubricOfAnotherType, OutOfScope),
)
async def open_for_community(
    code: CommunityCode, body: AcceptanceOpening, session: Transaction, who: Caller
) -> AcceptanceView:
    """Open an acceptance of a community's project; takes an official of the area."""
    who.require(code, "official")
    opening = Opening(code, body.project_type, body.rubric, by=who.subject, now=datetime.now(UTC))
    return await _view(session, code, await open_acceptance(session, opening))


@router.get(
    "/acceptances/{code}/{acceptance_id}",
    summary="验收 / An acceptance",
    responses=problems.responses(AcceptanceUnseen, OutOfScope),
)
async def get_acceptance(
    code: CommunityCode, acceptance_id: uuid.UUID, session: Transaction, who: Caller
) -> AcceptanceView:
    """See an acceptance; for the community's staff and auditors."""
    who.require(code, *READERS)
    return await _view(session, code, acceptance_id)


@router.post(
    "/acceptances/{code}/{acceptance_id}/scores",
    status_code=201,
    summary="评分 / Score items",
    responses=problems.responses(AcceptanceUnseen, AcceptanceDecided, ScoreInadmissible, OutOfScope),
)
async def score_items(
    code: CommunityCode, acceptance_id: uuid.UUID, body: ScoringBody, session: Transaction, who: Caller
) -> AcceptanceView:
    """Score items with their evidence; assessors are officials and auditors of the area, not who runs the community."""
    who.require(code, "official", "auditor")
    given = [Given(one.item, one.points, one.evidence) for one in body.scores]
    await score(session, Scoring(code, acceptance_id, given, by=who.subject, now=datetime.now(UTC)))
    return await _view(session, code, acceptance_id)


@router.post(
    "/acceptances/{code}/{acceptance_id}/survey",
    status_code=201,
    summary="录入满意度调查 / Put the satisfaction survey",
    responses=problems.responses(AcceptanceUnseen, AcceptanceDecided, OutOfScope),
)
async def put_survey(
    code: CommunityCode, acceptance_id: uuid.UUID, body: SurveyBody, session: Transaction, who: Caller
) -> AcceptanceView:
    """Put the satisfaction survey; takes an official or auditor of the area."""
    who.require(code, "official", "auditor")
    found = Satisfaction(body.households, body.answered, body.score_sum)
    await survey(session, Surveyed(code, acceptance_id, found, body.evidence, by=who.subject))
    return await _view(session, code, acceptance_id)


@router.post(
    "/acceptances/{code}/{acceptance_id}/simulation",
    summary="模拟评定，不保存 / Simulate, without keeping anything",
    responses=problems.responses(AcceptanceUnseen, ScoreInadmissible, OutOfScope),
)
async def simulate(
    code: CommunityCode, acceptance_id: uuid.UUID, body: SimulationBody, session: Transaction, who: Caller
) -> OutcomeView:
    """Say what an acceptance would come to; for the community's staff and auditors, before they apply."""
    who.require(code, *READERS)
    of = await queries.report(session, code, acceptance_id)
    unknown = body.points.keys() - of.rubric.items().keys()
    if unknown:
        raise ScoreInadmissible(item=min(unknown), most=0, points=body.points[min(unknown)])
    instead = {item: [points] * of.rubric.assessors_min for item, points in body.points.items()}
    found = Satisfaction(**body.satisfaction.model_dump()) if body.satisfaction else None
    survey_of = found or queries.satisfaction_of(of.acceptance)
    return _outcome(of.rubric, judge(of.rubric, {**queries.points_of(of.scores), **instead}, survey_of))


@router.post(
    "/acceptances/{code}/{acceptance_id}/decision",
    status_code=201,
    summary="作出验收结论 / Decide an acceptance",
    responses=problems.responses(AcceptanceUnseen, AcceptanceDecided, AcceptanceIncomplete, OutOfScope),
)
async def decide_acceptance(
    code: CommunityCode, acceptance_id: uuid.UUID, session: Transaction, who: Caller
) -> AcceptanceView:
    """Decide by the rubric and seal the outcome; takes an official of the area."""
    who.require(code, "official")
    await decide(session, Decision(code, acceptance_id, by=who.subject, now=datetime.now(UTC)))
    return await _view(session, code, acceptance_id)


async def _view(session: Transaction, code: str, acceptance_id: uuid.UUID) -> AcceptanceView:
    of = await queries.report(session, code, acceptance_id)
    return AcceptanceView(
        id=of.acceptance.id,
        community_code=code,
        rubric=of.rubric.code,
        project_type=of.acceptance.project_type,
        state="decided" if of.acceptance.decided_at else "open",
        opened_at=of.acceptance.opened_at,
        decided_at=of.acceptance.decided_at,
        digest=of.digest,
        outcome=_outcome(of.rubric, of.outcome),
    )


def _outcome(rubric: Rubric, of: Outcome) -> OutcomeView:
    return OutcomeView(
        passed=of.passed,
        total=_cut(of.total, 1),
        pass_points=rubric.pass_points,
        dimensions=[
            DimensionView(
                code=one.code,
                name=one.name,
                points=_cut(one.points, 1),
                bonus=_cut(one.bonus, 1),
                most=one.most,
                most_bonus=one.most_bonus,
            )
            for one in of.dimensions
        ],
        satisfaction=None if of.mean_centi is None else _cut(of.mean_centi / 100, 2),
        sample_percent=None if of.sample_bp is None else _cut(of.sample_bp / 100, 2),
        missing=list(of.missing),
        disputed=list(of.disputed),
        reasons=list(of.reasons),
    )


def _cut(value: Fraction, places: int) -> Decimal:
    return Decimal(int(value * 10**places)).scaleb(-places)
