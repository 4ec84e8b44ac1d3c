"""Reads of providers."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.providers.rules import ProviderUnseen
from services.operations.providers.tables import Provider, ProviderListing


async def get(session: AsyncSession, provider_id: uuid.UUID) -> Provider:
    """Return a provider.

    Raises:
        ProviderUnseen: There is none.
    """
    provider = await session.get(Provider, provider_id)
    if provider is None:
        raise ProviderUnseen(provider_id=str(provider_id))
    return provider


async def history(session: AsyncSession, provider_id: uuid.UUID, as_of: datetime) -> Sequence[ProviderListing]:
    """Return the decisions that were in effect at a time or had been before, the latest last.

    Raises:
        ProviderUnseen: There was none yet.
    """
    decisions = await session.scalars(
        select(ProviderListing)
        .where(ProviderListing.provider_id == provider_id, ProviderListing.effective_at <= as_of)
        .order_by(ProviderListing.revision)
    )
    if found := decisions.all():
        return found
    raise ProviderUnseen(provider_id=str(provider_id))
