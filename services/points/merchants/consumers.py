"""Takes in which merchants may take points. A listing and a debarment may arrive in either order."""

import uuid
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.merchants.tables import Merchant
from shared.events.operations import ProviderDebarred, ProviderListed, ProviderRestored, ProviderRestricted
from shared.fields import covers


async def note_listing(session: AsyncSession, event: ProviderListed) -> None:
    """Note a merchant that is on the white list."""
    if event.kind != "merchant":
        return
    facts = {"community_code": event.community_code, "name": event.name}
    row = insert(Merchant).values(merchant_id=event.provider_id, **facts)
    await session.execute(row.on_conflict_do_update(index_elements=[Merchant.merchant_id], set_=facts))


async def note_debarment(session: AsyncSession, event: ProviderDebarred) -> None:
    """Note from when a merchant is on the black list."""
    await _note_debarred_from(session, event.provider_id, event.effective_at)


async def note_restriction(session: AsyncSession, event: ProviderRestricted) -> None:
    """Note a debarment for all scenes of an area that the merchant's home lies in; others leave its till open."""
    if not event.scene and covers(event.area, event.community_code):
        await _note_debarred_from(session, event.provider_id, event.effective_at)


async def note_restoration(session: AsyncSession, event: ProviderRestored) -> None:
    """Note that a merchant is off the black list, by an appeal, rehabilitation or the end of its term."""
    if not event.scene and covers(event.area, event.community_code):
        await _note_debarred_from(session, event.provider_id, None)


async def _note_debarred_from(session: AsyncSession, merchant_id: uuid.UUID, moment: datetime | None) -> None:
    row = insert(Merchant).values(merchant_id=merchant_id, debarred_from=moment)
    facts = {"debarred_from": row.excluded.debarred_from}
    await session.execute(row.on_conflict_do_update(index_elements=[Merchant.merchant_id], set_=facts))
