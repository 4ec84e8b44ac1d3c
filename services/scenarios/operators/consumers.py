"""Takes in who runs which space, and who is on the black list. What holds for one scene alone closes no space.

What follows is written on the space itself, so that a booking looks nowhere else.
"""

import uuid

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.operators.tables import DebarredOperator, EntrustedSpace
from shared.events.operations import ProviderDebarred, ProviderRestored, ProviderRestricted, SpaceEntrusted
from shared.put import put


async def note_entrusted(session: AsyncSession, event: SpaceEntrusted) -> None:
    """Note who runs a space, and until when."""
    await put(session, EntrustedSpace, event.model_dump(exclude={"ends_on"}), {"ends_on": event.ends_on})
    await _suspend(session, event.provider_id)


async def note_debarred(session: AsyncSession, event: ProviderDebarred) -> None:
    """Note from when an operator is on the black list everywhere."""
    await _note(session, event, "")


async def note_restricted(session: AsyncSession, event: ProviderRestricted) -> None:
    """Note from when an operator is on the black list of an area."""
    if not event.scene:
        await _note(session, event, event.area)


async def note_restored(session: AsyncSession, event: ProviderRestored) -> None:
    """Note that an operator is off the black list again."""
    if not event.scene:
        await session.execute(
            delete(DebarredOperator).where(
                DebarredOperator.provider_id == event.provider_id, DebarredOperator.area == event.area
            )
        )
        await _suspend(session, event.provider_id)


async def _note(session: AsyncSession, event: ProviderDebarred | ProviderRestricted, area: str) -> None:
    about = {"provider_id": event.provider_id, "area": area}
    await put(session, DebarredOperator, about, {"debarred_from": event.effective_at})
    await _suspend(session, event.provider_id)


_SUSPEND = text("""
    UPDATE space SET suspended_from = (
        SELECT min(greatest(debarred_from, starts_on::timestamp AT TIME ZONE 'Asia/Shanghai'))
        FROM entrusted_space JOIN debarred_operator USING (provider_id)
        WHERE entrusted_space.community_code = space.community_code AND entrusted_space.space_id = space.id
            AND starts_with(space.community_code, area)
            AND debarred_from < (ends_on + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
    )
    WHERE (community_code, id) IN (
        SELECT community_code, space_id FROM entrusted_space WHERE provider_id = :provider_id
    )
""")


async def _suspend(session: AsyncSession, provider_id: uuid.UUID) -> None:
    await session.execute(_SUSPEND, {"provider_id": provider_id})
