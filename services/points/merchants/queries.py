"""Reads of merchants."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.merchants.rules import ItemUnknown, MerchantUnknown, may_take_points
from services.points.merchants.tables import CatalogueItem, Merchant


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


async def catalogue_of(session: AsyncSession, community_code: str, merchant_id: uuid.UUID) -> Sequence[CatalogueItem]:
    """Return what a merchant offers, by item."""
    found = select(CatalogueItem).where(
        CatalogueItem.community_code == community_code,
        CatalogueItem.merchant_id == merchant_id,
        CatalogueItem.offered,
    )
    return (await session.scalars(found.order_by(CatalogueItem.item))).all()


async def goods_of(
    session: AsyncSession, community_code: str, merchant_id: uuid.UUID, items: Mapping[str, int]
) -> list[tuple[int, int, int]]:
    """Return worth, share payable in points and number of pieces of each item.

    Raises:
        ItemUnknown: The merchant does not offer one of them.
    """
    if not items:
        return []
    offered = {one.item: one for one in await catalogue_of(session, community_code, merchant_id)}
    for item in items:
        if item not in offered:
            raise ItemUnknown(item=item)
    return [(offered[item].worth, offered[item].share_bp, count) for item, count in items.items()]
