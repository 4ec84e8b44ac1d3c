"""HTTP of shared spaces."""

import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.shared_costs.agree import Agreement, agree
from services.operations.shared_costs.book_cost import Cost, book_cost
from services.operations.shared_costs.rules import CostBooked, SharedSpaceUnseen
from shared import problems
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/shared-spaces/{code}", tags=["共享空间 shared spaces"], route_class=IdempotentRoute)

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]
Weight = Annotated[int, Field(gt=0, le=1_000_000)]


class AgreementBody(BaseModel):
    """A space that is to be shared."""

    name: Text
    basis: Annotated[Text, Field(description="分摊依据，如户数、面积、使用时长 / households, area, hours of use")]
    cost_key: Annotated[dict[CommunityCode, Weight], Field(min_length=2, max_length=50)]


class SpaceView(BaseModel):
    """A shared space."""

    id: uuid.UUID
    community_code: str
    cost_key: dict[str, int]


class CostBody(BaseModel):
    """What a space cost in a month."""

    month: Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    amount_fen: Annotated[int, Field(gt=0, le=10**13)]


class SharesView(BaseModel):
    """Each community's share, in fen; they come to the amount."""

    month: str
    amount_fen: int
    shares: dict[str, int]


@router.post(
    "",
    status_code=201,
    summary="约定跨社区共享空间与分摊比例 / Agree on a shared space",
    responses=problems.responses(CommunityNotRegistered, OutOfScope),
)
async def agree_on_space(code: CommunityCode, body: AgreementBody, session: Transaction, who: Caller) -> SpaceView:
    """Agree on a shared space and its key; takes an official over all communities that bear the cost."""
    for each in (code, *body.cost_key):
        who.require(each, "official")
    agreement = Agreement(code, body.name, body.basis, body.cost_key, by=who.subject, now=datetime.now(UTC))
    return SpaceView(id=await agree(session, agreement), community_code=code, cost_key=body.cost_key)


@router.post(
    "/{space_id}/costs",
    status_code=201,
    summary="分摊当月成本 / Split a month's cost",
    responses=problems.responses(SharedSpaceUnseen, CostBooked, OutOfScope),
)
async def split_cost(
    code: CommunityCode, space_id: uuid.UUID, body: CostBody, session: Transaction, who: Caller
) -> SharesView:
    """Book a month's cost, split by the key; takes an operator or official of the space's community."""
    who.require(code, "operator", "official")
    month = date.fromisoformat(f"{body.month}-01")
    shares = await book_cost(
        session, Cost(code, space_id, month, body.amount_fen, by=who.subject, now=datetime.now(UTC))
    )
    return SharesView(month=body.month, amount_fen=body.amount_fen, shares=shares)
