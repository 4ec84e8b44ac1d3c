"""Reads of providers."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.providers.rules import ProviderUnseen
from services.operations.providers.tables import Provider, ProviderLicence


async def get(session: AsyncSession, provider_id: uuid.UUID) -> Provider:
    """Return a provider.

    Raises:
        ProviderUnseen: There is none.
    """
    provider = await session.get(Provider, provider_id)
    if provider is None:
        raise ProviderUnseen(provider_id=str(provider_id))
    return provider


async def licences(session: AsyncSession, provider_id: uuid.UUID) -> Sequence[ProviderLicence]:
    """Return a provider's licences, of each kind the one that was recorded last."""
    rows = select(ProviderLicence).where(ProviderLicence.provider_id == provider_id)
    ordered = await session.scalars(rows.order_by(ProviderLicence.kind, ProviderLicence.revision))
    return list({licence.kind: licence for licence in ordered}.values())
