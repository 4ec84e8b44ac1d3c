"""Takes in who is on the black list."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.providers.tables import Debarred
from shared.events.operations import ProviderDebarred


async def note_debarment(session: AsyncSession, event: ProviderDebarred) -> None:
    """Note from when a provider's applications may not call."""
    row = insert(Debarred).values(provider_id=event.provider_id, debarred_from=event.effective_at)
    facts = {"debarred_from": row.excluded.debarred_from}
    await session.execute(row.on_conflict_do_update(index_elements=[Debarred.provider_id], set_=facts))
