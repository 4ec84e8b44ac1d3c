"""Takes in which merchants may take points. A listing and a debarment may arrive in either order.

The first of the debarments that hold is written on the merchant itself, so that a redemption looks nowhere else.
"""

import uuid

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.merchants.tables import DebarredMerchant, Merchant
from shared.events.operations import ProviderDebarred, ProviderListed, ProviderRestored, ProviderRestricted
from shared.fields import covers
from shared.put import put


async def note_listing(session: AsyncSession, event: ProviderListed) -> None:
    """Note a merchant that is on the white list."""
    if event.kind != "merchant":
        return
    facts = {"community_code": event.community_code, "name": event.name}
    await put(session, Merchant, {"merchant_id": event.provider_id}, facts)


async def note_debarment(session: AsyncSession, event: ProviderDebarred) -> None:
    """Note from when a merchant is on the black list everywhere."""
    await _note_debarred(session, event, "")


async def note_restriction(session: AsyncSession, event: ProviderRestricted) -> None:
    """Note a debarment for all scenes of an area that the merchant's home lies in; others leave its till open."""
    if not event.scene and covers(event.area, event.community_code):
        await _note_debarred(session, event, event.area)


async def note_restoration(session: AsyncSession, event: ProviderRestored) -> None:
    """Note that a debarment has ended, by an appeal, rehabilitation or its term; one of another area may still hold."""
    if not event.scene:
        ended = (DebarredMerchant.merchant_id == event.provider_id, DebarredMerchant.area == event.area)
        await session.execute(delete(DebarredMerchant).where(*ended))
        await _close_till(session, event.provider_id)


async def _note_debarred(session: AsyncSession, event: ProviderDebarred | ProviderRestricted, area: str) -> None:
    about = {"merchant_id": event.provider_id, "area": area}
    await put(session, DebarredMerchant, about, {"debarred_from": event.effective_at})
    await _close_till(session, event.provider_id)


_CLOSE_TILL = text("""
    INSERT INTO merchant (merchant_id, debarred_from)
    SELECT :merchant_id, min(debarred_from) FROM debarred_merchant WHERE merchant_id = :merchant_id
    ON CONFLICT (merchant_id) DO UPDATE SET debarred_from = excluded.debarred_from
""")


async def _close_till(session: AsyncSession, merchant_id: uuid.UUID) -> None:
    await session.execute(_CLOSE_TILL, {"merchant_id": merchant_id})
