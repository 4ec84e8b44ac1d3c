"""Offer an item in a merchant's catalogue, change it, or take it off."""

import uuid
from dataclasses import asdict, dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.merchants.tables import CatalogueItem


@dataclass(frozen=True, slots=True)
class OfferItem:
    """What a piece is worth in points, and which share of that may be paid in points, in basis points."""

    community_code: str
    merchant_id: uuid.UUID
    item: str
    name: str
    worth: int
    share_bp: int
    offered: bool


async def offer_item(session: AsyncSession, command: OfferItem) -> None:
    """Put an item into the catalogue as it now is."""
    row = insert(CatalogueItem).values(**asdict(command))
    changed = {name: row.excluded[name] for name in ("name", "worth", "share_bp", "offered")}
    keys = [CatalogueItem.community_code, CatalogueItem.merchant_id, CatalogueItem.item]
    await session.execute(row.on_conflict_do_update(index_elements=keys, set_=changed))
