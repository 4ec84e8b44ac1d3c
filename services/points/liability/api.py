"""HTTP: the liability board."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.points.liability.queries import corridors_in, funding_in, outstanding_in, spent_in
from services.points.liability.rules import by_community, flows_of, funded_bp
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import AreaPrefix
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/liability", tags=["积分负债 liability"])


class OutstandingView(BaseModel):
    """Points that residents hold, by issuer and month of expiry."""

    model_config = ConfigDict(from_attributes=True)

    community_code: str
    issuer: str
    expires_month: Annotated[str, Field(examples=["2028-06"])]
    points: int


class FundedView(BaseModel):
    """How much of what is outstanding the community's fund could pay for; null where none was told of."""

    community_code: str
    outstanding: int
    funded: int | None
    funded_bp: Annotated[int | None, Field(description="覆盖率，万分之一 / share that is funded, in basis points")]
    funded_at: Moment | None


class SpentView(BaseModel):
    """Where points were spent, less refunds; without a merchant: for the community's own spaces."""

    model_config = ConfigDict(from_attributes=True)

    from_community: str
    to_community: str
    merchant_id: uuid.UUID | None
    points: int


class CorridorStateView(BaseModel):
    """A corridor in force: its discount as it stands, and what the one owes the other (negative: is owed)."""

    model_config = ConfigDict(from_attributes=True)

    from_community: str
    to_community: str
    version: int
    rate_bp: int
    discount_bp: int
    owed: int


class FlowView(BaseModel):
    """What was spent by residents of one community in another."""

    model_config = ConfigDict(from_attributes=True)

    from_community: str
    to_community: str
    points: int


class BoardView(BaseModel):
    """The liability of an area: now, and what was spent within [from, to)."""

    area: str
    at: Moment
    outstanding: list[OutstandingView]
    funded: list[FundedView]
    spent: list[SpentView]
    corridors: list[CorridorStateView]
    flows: list[FlowView]


@router.get("/{area}", summary="积分负债看板 / The liability board", responses=responses(OutOfScope))
async def read_board(
    area: AreaPrefix,
    since: Annotated[Moment, Query(alias="from")],
    until: Annotated[Moment, Query(alias="to")],
    session: Transaction,
    who: Caller,
) -> BoardView:
    """Show what is outstanding and what stands behind it, where it is spent, and how corridors and flows stand."""
    who.require(area, "operator", "official", "auditor")
    now = datetime.now(UTC)
    outstanding, funding = await outstanding_in(session, area), await funding_in(session, area)
    spent = await spent_in(session, area, (since, until))
    held = by_community(outstanding)
    funded = []
    for code in sorted({*held, *funding}):
        one = funding.get(code)
        share = funded_bp(held[code], one.points) if one else None
        told = (one.points, one.funded_at) if one else (None, None)
        funded.append(
            FundedView(community_code=code, outstanding=held[code], funded=told[0], funded_bp=share, funded_at=told[1])
        )
    return BoardView(
        area=area,
        at=now,
        outstanding=[OutstandingView.model_validate(one) for one in outstanding],
        funded=funded,
        spent=[SpentView.model_validate(one) for one in spent],
        corridors=[CorridorStateView.model_validate(one) for one in await corridors_in(session, area, now=now)],
        flows=[FlowView.model_validate(one) for one in flows_of(spent)],
    )
