"""Paying a merchant of another cell: asked for here, decided there."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.points.accounts.rules import resident_of
from services.points.crossings.queries import get_crossing
from services.points.crossings.request_crossing import REFUSALS, RequestCrossing, request_crossing
from services.points.crossings.rules import CrossingUnknown, State
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/crossings", tags=["跨单元兑换 crossings"], route_class=IdempotentRoute)


class CrossingRequest(BaseModel):
    """What a resident wants to buy at a merchant of another cell."""

    model_config = ConfigDict(extra="forbid")

    to_community: CommunityCode
    merchant_id: uuid.UUID
    price: Annotated[int, Field(ge=1, le=1_000_000, description="商户应得积分 / points that the merchant gets")]
    paid_max: Annotated[int, Field(ge=1, description="最多支付的本社区积分 / the most that one pays, of one's own")]


class CrossingView(BaseModel):
    """How far a purchase in another cell has come; the points are held until it is captured or released."""

    model_config = ConfigDict(from_attributes=True)

    id: Annotated[uuid.UUID, Field(validation_alias="crossing_id")]
    from_community: Annotated[str, Field(validation_alias="community_code")]
    to_community: str
    merchant_id: uuid.UUID
    price: int
    paid: int
    state: State
    reason: Annotated[
        str | None, Field(description="对方拒绝的原因 / why the other cell refused: late, merchant, corridor")
    ]
    deadline: Moment


@router.post(
    "",
    status_code=202,
    summary="跨单元兑换 / Pay a merchant of another cell",
    responses=responses(OutOfScope, *REFUSALS),
)
async def post_crossing(body: CrossingRequest, request: Request, session: Transaction, who: Caller) -> CrossingView:
    """Hold the points and ask the merchant's cell, which decides within two minutes."""
    payer = resident_of(who)
    command = RequestCrossing(payer.resident_id, payer.home_community, **body.model_dump())
    crossing = await request_crossing(session, command, cell=request.app.state.cell, now=datetime.now(UTC))
    return CrossingView.model_validate(crossing)


@router.get("/{crossing_id}", summary="查询跨单元兑换 / A crossing", responses=responses(CrossingUnknown))
async def read_crossing(crossing_id: uuid.UUID, session: Transaction, who: Caller) -> CrossingView:
    """Show a crossing to its resident, or to staff of the resident's community."""
    return CrossingView.model_validate(await get_crossing(session, crossing_id, who))
