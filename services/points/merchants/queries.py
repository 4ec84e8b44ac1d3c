"""Reads of merchants."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.merchants.rules import MerchantUnknown, may_take_points
from services.points.merchants.tables import Merchant


async def get_merchant(session: AsyncSession, merchant_id: uuid.UUID) -> Merchant:
    """Return a merchant that is or was on the white list.

    Raises:
        MerchantUnknown: There is none.
    """
    merchant = await session.get(Merchant, merchant_id)
    if merchant is None or merchant.community_code is None:
        raise MerchantUnknown(merchant_id=merchant_id)
    return merchant


async def community_of_active_merchant(session: AsyncSession, merchant_id: uuid.UUID, now: datetime) -> str:
    """Return the community of a merchant that may take points now.

    Raises:
        MerchantUnknown: There is no such merchant.
        MerchantDebarred: It is on the black list.
    """
    merchant = await get_merchant(session, merchant_id)
    may_take_points(merchant_id, merchant.debarred_from, now)
    return merchant.community_code or ""
