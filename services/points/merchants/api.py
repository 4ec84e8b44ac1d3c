"""What a till or a resident sees of a merchant."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.points.merchants.offer_item import OfferItem, offer_item
from services.points.merchants.queries import catalogue_of, get_merchant
from services.points.merchants.rules import MerchantUnknown, require_till
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/merchants", tags=["商户 merchants"], route_class=IdempotentRoute)


class MerchantView(BaseModel):
    """A merchant, and whether it takes points now."""

    id: uuid.UUID
    community_code: str
    name: str
    takes_points: bool


@router.get("/{merchant_id}", summary="查询商户 / A merchant", responses=responses(MerchantUnknown))
async def read_merchant(merchant_id: uuid.UUID, session: Transaction, _: Caller) -> MerchantView:
    """Tell whether the merchant takes points now."""
    merchant = await get_merchant(session, merchant_id)
    debarred = merchant.debarred_from is not None and merchant.debarred_from <= datetime.now(UTC)
    return MerchantView(
        id=merchant_id,
        community_code=merchant.community_code or "",
        name=merchant.name or "",
        takes_points=not debarred,
    )


class ItemRequest(BaseModel):
    """An item as it is from now on; one that is no longer offered stays for those that were sold."""

    model_config = ConfigDict(extra="forbid")

    item: Annotated[str, Field(pattern=r"^[\w-]{1,40}$", description="商品编号 / the merchant's own name for it")]
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]
    worth: Annotated[int, Field(ge=1, le=1_000_000, description="每件折合积分 / what a piece is worth in points")]
    share_bp: Annotated[
        int, Field(ge=0, le=10_000, description="积分可付比例，万分之一 / payable in points, basis points")
    ]
    offered: bool = True


class ItemView(ItemRequest):
    """An item of a merchant's catalogue."""

    model_config = ConfigDict(from_attributes=True)


@router.post(
    "/{merchant_id}/items", summary="维护商品目录 / Offer an item", responses=responses(MerchantUnknown, OutOfScope)
)
async def post_item(merchant_id: uuid.UUID, body: ItemRequest, session: Transaction, who: Caller) -> ItemView:
    """Put an item into the merchant's catalogue, change it, or take it off."""
    community_code = (await get_merchant(session, merchant_id)).community_code or ""
    require_till(who, merchant_id, community_code)
    await offer_item(session, OfferItem(community_code, merchant_id, **body.model_dump()))
    return ItemView(**body.model_dump())


@router.get("/{merchant_id}/items", summary="商品目录 / A merchant's catalogue", responses=responses(MerchantUnknown))
async def list_items(merchant_id: uuid.UUID, session: Transaction, _: Caller) -> list[ItemView]:
    """List what a merchant offers."""
    community_code = (await get_merchant(session, merchant_id)).community_code or ""
    return [ItemView.model_validate(one) for one in await catalogue_of(session, community_code, merchant_id)]
