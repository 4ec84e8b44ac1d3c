"""HTTP of self-sufficiency."""

from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.operations.statements.queries import get
from services.operations.statements.rules import StatementUnseen
from services.operations.sufficiency.rules import WHOLE_BP, Year, assess
from shared import problems
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.identity import Caller

router = APIRouter(prefix="/self-sufficiency", tags=["自我造血率 self-sufficiency"])


class SufficiencyView(BaseModel):
    """How much of its operation a community pays for itself; ratios and months are cut off, not rounded up."""

    community_code: str
    year: int
    subsidy_cut_bp: int
    cash_ratio: Decimal = Field(description="自我造血率（现金） / own income by cost, in cash")
    with_in_kind_ratio: Decimal = Field(description="自我造血率（含实物折价） / with what is given in kind")
    reserve_months: Decimal = Field(description="结余可支撑月数 / months of cost that the reserve pays for")
    balance_fen: int = Field(description="当年收支差额（补助变动后） / what is left of the year, after the cut")
    months_left: int | None = Field(description="按该亏空结余可撑的整月数 / full months until the reserve is gone")


@router.get(
    "/{code}",
    summary="自我造血率及补助变动测算 / Self-sufficiency, and what if the subsidy falls",
    responses=problems.responses(StatementUnseen, OutOfScope),
)
async def get_self_sufficiency(
    code: CommunityCode,
    year: Annotated[int, Query(ge=2000, le=2099)],
    session: Transaction,
    who: Caller,
    subsidy_cut_bp: Annotated[int, Query(ge=0, le=WHOLE_BP, description="补助下降，万分比；3000 为 30 %")] = 0,
) -> SufficiencyView:
    """See how a community stands, or would stand with less subsidy; for the area's staff and auditors."""
    who.require(code, "desk", "operator", "official", "auditor")
    of = await get(session, code, year)
    figures = Year(
        cost_fen=of.cost_fen,
        income_fen=of.income_fen,
        subsidy_fen=of.subsidy_fen,
        in_kind_fen=of.in_kind_fen,
        reserve_fen=of.reserve_fen,
    )
    found = assess(figures, subsidy_cut_bp=subsidy_cut_bp)
    return SufficiencyView(
        community_code=code,
        year=year,
        subsidy_cut_bp=subsidy_cut_bp,
        cash_ratio=_shown(found.cash, 4),
        with_in_kind_ratio=_shown(found.with_in_kind, 4),
        reserve_months=_shown(found.reserve_months, 1),
        balance_fen=found.balance_fen,
        months_left=found.months_left,
    )


def _shown(value: Fraction, places: int) -> Decimal:
    return Decimal(floor(value * 10**places)).scaleb(-places)
