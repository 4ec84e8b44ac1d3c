"""Takes in who is on the black list."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.providers.tables import Debarred
from shared.events.operations import ProviderDebarred, ProviderRestored


async def note_debarment(session: AsyncSession, event: ProviderDebarred) -> None:
    """Note from when a provider's applications may not call."""
    row = insert(Debarred).values(provider_id=event.provider_id, debarred_from=event.effective_at)
    facts = {"debarred_from": row.excluded.debarred_from}
    await session.execute(row.on_conflict_do_update(index_elements=[Debarred.provider_id], set_=facts))


async def note_restoration(session: AsyncSession, event: ProviderRestored) -> None:
    """Note that a provider's applications may call again; what held in one area or scene has stopped none of them."""
    if not event.area and not event.scene:
        await session.execute(delete(Debarred).where(Debarred.provider_id == event.provider_id))
