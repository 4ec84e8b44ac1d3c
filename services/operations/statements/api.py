"""HTTP of operating statements."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from services.operations.communities.rules import CommunityNotRegistered, ProjectType, Tier
from services.operations.statements import queries
from services.operations.statements.file_statement import Statement, file_statement
from services.operations.statements.rules import CostCategory, Driver, IncomeCategory, StatementUnseen
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/operating-statements", tags=["运营收支 operating statements"], route_class=IdempotentRoute)

FEN_MAX = 10**13
Fen = Annotated[int, Field(ge=0, le=FEN_MAX, description="分 / fen")]
Volume = Annotated[int, Field(gt=0, le=FEN_MAX)]
Year = Annotated[int, Field(ge=2000, le=2099)]


class StatementBody(BaseModel):
    """What a community's operation cost in a year and what paid for it. What is not known is left out, never 0."""

    model_config = ConfigDict(from_attributes=True)

    community_code: CommunityCode
    year: Year
    project_type: ProjectType
    tier: Tier
    households: Annotated[
        int | None, Field(gt=0, le=1_000_000, description="户数；未知则不填 / unknown if left out")
    ] = None
    costs: Annotated[dict[CostCategory, Annotated[int, Field(gt=0, le=FEN_MAX)]], Field(min_length=1)]
    income: dict[IncomeCategory, Fen] = Field(default={}, description="自有收入 / income of its own")
    subsidy_fen: Fen = 0
    in_kind_fen: Annotated[Fen, Field(description="实物与场地折价 / what was given in kind, appraised")] = 0
    reserve_fen: Annotated[Fen, Field(description="年末结余 / reserve at the year's end")] = 0
    volumes: dict[Driver, Volume] = Field(default={}, description="成本动因 / cost drivers")


class StatementView(StatementBody):
    """A filed statement, with its sums."""

    revision: int
    cost_fen: int
    income_fen: int
    filed_at: Moment
    filed_by: str


@router.post(
    "",
    status_code=201,
    summary="填报年度运营收支 / File an operating statement",
    responses=problems.responses(CommunityNotRegistered, OutOfScope),
)
async def file_operating_statement(body: StatementBody, session: Transaction, who: Caller) -> StatementView:
    """File a year's statement, or correct it by filing again; takes an operator or an official of the area."""
    who.require(body.community_code, "operator", "official")
    filed = await file_statement(
        session, Statement(**body.model_dump(), filed_at=datetime.now(UTC), filed_by=who.subject)
    )
    return StatementView.model_validate(filed)


@router.get(
    "/{code}/{year}",
    summary="年度运营收支 / An operating statement",
    responses=problems.responses(StatementUnseen, OutOfScope),
)
async def get_operating_statement(
    code: CommunityCode, year: Annotated[int, Path(ge=2000, le=2099)], session: Transaction, who: Caller
) -> StatementView:
    """See the statement in force; for the area's staff and auditors."""
    who.require(code, "desk", "operator", "official", "auditor")
    return StatementView.model_validate(await queries.get(session, code, year))
