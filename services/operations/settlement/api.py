"""HTTP of settlement."""

import uuid

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.operations.providers.queries import get as get_provider
from services.operations.providers.rules import ProviderUnseen
from services.operations.settlement import queries
from shared import problems
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize

router = APIRouter(prefix="/merchants", tags=["结算 settlement"])


class ReceivableView(BaseModel):
    """What is owed for one redemption; or, negative, what was given back of the one that `refund_of` names."""

    model_config = ConfigDict(from_attributes=True)

    redemption_id: uuid.UUID
    community_code: str
    points: int
    captured_at: Moment
    refund_of: uuid.UUID | None


class Receivables(Page[ReceivableView]):
    """A page of what a merchant is owed, and the sum of all pages."""

    merchant_id: uuid.UUID
    total_count: int = Field(description="应收笔数 / how many redemptions")
    total_points: int = Field(description="应收积分合计 / points in all")


@router.get(
    "/{merchant_id}/receivables",
    summary="商户应收 / What a merchant is owed",
    responses=problems.responses(ProviderUnseen, OutOfScope, BadCursor),
)
async def list_receivables(
    merchant_id: uuid.UUID, session: Transaction, who: Caller, page_size: PageSize = 50, cursor: Cursor = None
) -> Receivables:
    """List what a merchant is owed, the latest first; for itself, officials and operators."""
    provider = await get_provider(session, merchant_id)
    if who.subject != f"merchant:{merchant_id}":
        who.require(provider.community_code, "official", "operator")
    after = queries.decode_place(cursor) if cursor else None
    found = await queries.owed(session, provider.community_code, merchant_id, after, page_size + 1)
    page = [ReceivableView.model_validate(row) for row in found[:page_size]]
    count, points = await queries.total(session, provider.community_code, merchant_id)
    next_cursor = None
    if len(found) > page_size:
        next_cursor = queries.encode_place(queries.Place(page[-1].captured_at, page[-1].redemption_id))
    return Receivables(
        items=page, next_cursor=next_cursor, merchant_id=merchant_id, total_count=count, total_points=points
    )
