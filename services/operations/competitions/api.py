"""HTTP of street competitions."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.operations.competitions import queries
from services.operations.competitions.announce import Announcement, announce
from services.operations.competitions.appeal import Appeal, Ruling, appeal, rule_on_appeal
from services.operations.competitions.rank_streets import Order, rank_streets
from services.operations.competitions.rules import (
    COUNTS,
    FORMULA,
    PLACES,
    AnnouncedTooLate,
    AppealRefused,
    CompetitionNotOver,
    CompetitionUnseen,
    Counted,
    FormulaInadmissible,
    OwnAppeal,
    Place,
    Weight,
)
from services.operations.competitions.tables import Competition, CompetitionRanking
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, AreaPrefix
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/competitions", tags=["镇街竞赛 competitions"], route_class=IdempotentRoute)

Street = Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")]
Text = Annotated[str, Field(min_length=1, max_length=1_000, pattern=PRINTABLE)]


class AnnouncementBody(BaseModel):
    """A competition that is to be announced."""

    area_code: AreaPrefix
    title: Text
    first_day: date
    last_day: date
    weights: Annotated[list[Weight], Field(min_length=1, max_length=10, description="权重合计 100 / come to 100")]
    populations: Annotated[dict[Street, Annotated[int, Field(gt=0, le=10**8)]], Field(min_length=2, max_length=500)]

    @model_validator(mode="after")
    def possible(self) -> Self:
        """Refuse days out of order, streets of elsewhere and weights below 0."""
        if self.first_day > self.last_day or any(min(one.level, one.improvement) < 0 for one in self.weights):
            raise ValueError("日期或权重有误 / days out of order, or a weight below 0")
        if any(not street.startswith(self.area_code) for street in self.populations):
            raise ValueError("镇街须在该区域内 / a street lies outside the area")
        return self


class CompetitionView(BaseModel):
    """A competition and its formula, for all to see before it begins."""

    id: uuid.UUID
    area_code: str
    title: str
    first_day: date
    last_day: date
    weights: list[Weight]
    populations: dict[str, int]
    digest: str = Field(description="公式与基数的 SM3 / of the formula and the populations")
    announced_at: Moment


class RankingView(BaseModel):
    """A ranking with the counts it was computed from: whoever has the formula can compute it again."""

    competition_id: uuid.UUID
    revision: int
    places: list[Place] = Field(
        description="points、low、high 为百分之一分；区间相交者并列 / in hundredths; ranges that meet tie"
    )
    counts: list[Counted]
    excluded: int = Field(description="经申诉剔除的记录数 / records that appeals left out")
    cleared: list[str]
    because: str
    ranked_at: Moment


class AppealBody(BaseModel):
    """A street's appeal."""

    street_code: Street
    grounds: Text


class RulingBody(BaseModel):
    """A ruling on an appeal."""

    upheld: bool
    ruling: Text
    excluded: Annotated[
        list[uuid.UUID], Field(max_length=1_000, description="应剔除的记录 / records to leave out")
    ] = []


class AppealView(BaseModel):
    """An appeal and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    competition_id: uuid.UUID
    street_code: str
    revision: int
    grounds: str
    state: Literal["raised", "upheld", "dismissed"]
    ruling: str | None
    raised_at: Moment


@router.post(
    "",
    status_code=201,
    summary="公布竞赛与公式 / Announce a competition",
    responses=problems.responses(FormulaInadmissible, AnnouncedTooLate, OutOfScope),
)
async def announce_competition(body: AnnouncementBody, session: Transaction, who: Caller) -> CompetitionView:
    """Announce a competition before its days begin; takes an official of the whole area."""
    who.require(body.area_code, "official")
    announcement = Announcement(
        body.area_code,
        body.title,
        body.first_day,
        body.last_day,
        body.weights,
        body.populations,
        by=who.subject,
        now=datetime.now(UTC),
    )
    return _competition(await announce(session, announcement))


@router.get(
    "/{competition_id}",
    summary="竞赛公式公示 / A competition and its formula",
    responses=problems.responses(CompetitionUnseen),
)
async def get_competition(
    competition_id: uuid.UUID,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - the formula is public
) -> CompetitionView:
    """See a competition and its formula."""
    return _competition(await queries.competition(session, competition_id))


@router.post(
    "/{competition_id}/rankings",
    status_code=201,
    summary="排名 / Rank the streets",
    responses=problems.responses(CompetitionUnseen, CompetitionNotOver, OutOfScope),
)
async def rank_competition(competition_id: uuid.UUID, session: Transaction, who: Caller) -> RankingView:
    """Rank the streets when the days are over; takes an official of the whole area."""
    of = await queries.competition(session, competition_id)
    who.require(of.area_code, "official")
    return _ranking(await rank_streets(session, Order(competition_id, who.subject, datetime.now(UTC))))


@router.get(
    "/{competition_id}/ranking",
    summary="排名公示 / The ranking that stands",
    responses=problems.responses(CompetitionUnseen),
)
async def get_ranking(
    competition_id: uuid.UUID,
    session: Transaction,
    who: Caller,  # noqa: ARG001 - the ranking is public
) -> RankingView:
    """See the ranking that stands, with all it was computed from."""
    await queries.competition(session, competition_id)
    standing = await queries.ranking(session, competition_id)
    if standing is None:
        raise CompetitionUnseen(what="ranking")
    return _ranking(standing)


@router.post(
    "/{competition_id}/appeals",
    status_code=201,
    summary="申诉 / Appeal against the ranking",
    responses=problems.responses(CompetitionUnseen, AppealRefused, OutOfScope),
)
async def raise_appeal(competition_id: uuid.UUID, body: AppealBody, session: Transaction, who: Caller) -> AppealView:
    """Appeal for a street; takes an official of it."""
    who.require(body.street_code, "official")
    raised = await appeal(
        session, Appeal(competition_id, body.street_code, body.grounds, by=who.subject, now=datetime.now(UTC))
    )
    return AppealView.model_validate(raised)


@router.post(
    "/{competition_id}/appeals/{appeal_id}/ruling",
    status_code=201,
    summary="裁决申诉 / Rule on an appeal",
    responses=problems.responses(CompetitionUnseen, AppealRefused, OwnAppeal, CompetitionNotOver, OutOfScope),
)
async def rule(
    competition_id: uuid.UUID, appeal_id: uuid.UUID, body: RulingBody, session: Transaction, who: Caller
) -> AppealView:
    """Rule on an appeal; takes an official of the whole area who has not raised it."""
    of = await queries.competition(session, competition_id)
    who.require(of.area_code, "official")
    ruling = Ruling(
        competition_id, appeal_id, body.upheld, body.ruling, body.excluded, by=who.subject, now=datetime.now(UTC)
    )
    return AppealView.model_validate(await rule_on_appeal(session, ruling))


def _competition(of: Competition) -> CompetitionView:
    return CompetitionView(
        id=of.id,
        area_code=of.area_code,
        title=of.title,
        first_day=of.first_day,
        last_day=of.last_day,
        weights=FORMULA.validate_python(of.formula["weights"]),
        populations=of.populations,
        digest=of.digest,
        announced_at=of.announced_at,
    )


def _ranking(of: CompetitionRanking) -> RankingView:
    return RankingView(
        competition_id=of.competition_id,
        revision=of.revision,
        places=PLACES.validate_python(of.places),
        counts=COUNTS.validate_python(of.counts),
        excluded=len(of.excluded),
        cleared=of.cleared,
        because=of.because,
        ranked_at=of.ranked_at,
    )
