"""What a till or a resident sees of a merchant."""

import uuid
from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel

from services.points.merchants.queries import get_merchant
from services.points.merchants.rules import MerchantUnknown
from shared.database import Transaction
from shared.identity import Caller
from shared.problems import responses

router = APIRouter(prefix="/merchants", tags=["商户 merchants"])


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
