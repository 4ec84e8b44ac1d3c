"""Debar a provider 列入黑名单."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.providers.rules import ProviderUnseen, State, check_step
from services.operations.providers.tables import Provider, ProviderListing
from shared.events.operations import ProviderDebarred
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Debarment:
    """Who debars which provider, on what basis, by which authority and from when."""

    provider_id: uuid.UUID
    basis: str
    authority: str
    effective_at: datetime
    by: str
    now: datetime


async def debar(session: AsyncSession, command: Debarment) -> None:
    """Put a provider on the black list and tell the other services.

    Raises:
        ProviderUnseen: There is no such provider.
        ListingStepRefused: It is not on the white list.
        DecisionOutOfOrder: It would be debarred from before it was listed.
    """
    # The lock makes one of two decisions wait for the other, and a contract that is being sealed for neither to miss.
    provider = await session.get(Provider, command.provider_id, with_for_update=True)
    if provider is None:
        raise ProviderUnseen(provider_id=str(command.provider_id))
    latest = await _latest(session, command.provider_id)
    check_step(
        cast("State", latest.state), latest.effective_at, asked="debarred", asked_effective_at=command.effective_at
    )
    session.add(_decision(command, latest))
    await session.flush()
    await publish(
        session,
        ProviderDebarred(
            community_code=provider.community_code,
            provider_id=provider.id,
            basis=command.basis,
            effective_at=command.effective_at,
        ),
    )


async def _latest(session: AsyncSession, provider_id: uuid.UUID) -> ProviderListing:
    decisions = select(ProviderListing).where(ProviderListing.provider_id == provider_id)
    return (await session.scalars(decisions.order_by(ProviderListing.revision.desc()).limit(1))).one()


def _decision(command: Debarment, latest: ProviderListing) -> ProviderListing:
    return ProviderListing(
        provider_id=latest.provider_id,
        revision=latest.revision + 1,
        community_code=latest.community_code,
        state="debarred",
        basis=command.basis,
        authority=command.authority,
        effective_at=command.effective_at,
        recorded_at=command.now,
        recorded_by=command.by,
    )
