"""Takes in which merchants may take points. The two events may arrive in either order."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.merchants.tables import Merchant
from shared.events.operations import ProviderDebarred, ProviderListed


async def note_listing(session: AsyncSession, event: ProviderListed) -> None:
    """Note a merchant that is on the white list."""
    if event.kind != "merchant":
        return
    facts = {"community_code": event.community_code, "name": event.name}
    row = insert(Merchant).values(merchant_id=event.provider_id, **facts)
    await session.execute(row.on_conflict_do_update(index_elements=[Merchant.merchant_id], set_=facts))


async def note_debarment(session: AsyncSession, event: ProviderDebarred) -> None:
    """Note from when a merchant is on the black list."""
    facts = {"debarred_from": event.effective_at}
    row = insert(Merchant).values(merchant_id=event.provider_id, **facts)
    await session.execute(row.on_conflict_do_update(index_elements=[Merchant.merchant_id], set_=facts))
