"""Tell the other services that a debarment has ended by its term."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.operations.listings.tables import EndedDebarment, ProviderListing
from shared.events.operations import ProviderRestored
from shared.outbox import publish

_MOST = 500


async def tell_ended(session: AsyncSession, now: datetime) -> int:
    """Tell each debarment that has ended and that no later decision in its scope replaced; returns how many."""
    later = aliased(ProviderListing)
    replaced = exists().where(
        later.provider_id == ProviderListing.provider_id,
        later.area == ProviderListing.area,
        later.scene == ProviderListing.scene,
        later.revision > ProviderListing.revision,
    )
    told = exists().where(
        EndedDebarment.provider_id == ProviderListing.provider_id, EndedDebarment.revision == ProviderListing.revision
    )
    ended = await session.scalars(
        select(ProviderListing)
        .where(ProviderListing.state == "debarred", ProviderListing.ends_at <= now, ~replaced, ~told)
        .limit(_MOST)
    )
    rows = ended.all()
    for row in rows:
        session.add(EndedDebarment(provider_id=row.provider_id, revision=row.revision, told_at=now))
        event = ProviderRestored(
            community_code=row.community_code,
            provider_id=row.provider_id,
            area=row.area,
            scene=row.scene,
            ground="term",
            effective_at=row.ends_at or now,
        )
        await publish(session, event)
    await session.flush()
    return len(rows)
