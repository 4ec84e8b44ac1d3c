"""Reads of the lists."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.listings.rules import EVERYWHERE, Decision, RunningContracts, Scope, State
from services.operations.listings.tables import ProviderAppeal, ProviderListing
from services.operations.providers.rules import ProviderUnseen


def decision(row: ProviderListing) -> Decision:
    """Return what a row says, for the rules."""
    return Decision(
        revision=row.revision,
        state=cast("State", row.state),
        scope=Scope(area=row.area, scene=row.scene),
        effective_at=row.effective_at,
        ends_at=row.ends_at,
        running_contracts=cast("RunningContracts", row.running_contracts),
    )


async def decisions(session: AsyncSession, provider_id: uuid.UUID) -> Sequence[Decision]:
    """Return all decisions on a provider, the first first."""
    rows = select(ProviderListing).where(ProviderListing.provider_id == provider_id)
    return [decision(row) for row in await session.scalars(rows.order_by(ProviderListing.revision))]


def latest_in(history: Sequence[Decision], scope: Scope, now: datetime) -> Decision:
    """Return the decision that the next in a scope follows: where there is none yet, the one that holds everywhere.

    A debarment that has ended by its term is followed by none; what it replaced is back.
    """
    standing_ones = [one for one in history if one.ends_at is None or one.ends_at > now]
    same = [one for one in standing_ones if one.scope == scope]
    return same[-1] if same else next(one for one in reversed(standing_ones) if one.scope == EVERYWHERE)


async def appeals(session: AsyncSession, provider_id: uuid.UUID) -> Sequence[ProviderAppeal]:
    """Return the appeals against decisions on a provider."""
    rows = select(ProviderAppeal).where(ProviderAppeal.provider_id == provider_id)
    return (await session.scalars(rows.order_by(ProviderAppeal.revision))).all()


async def history(
    session: AsyncSession, provider_id: uuid.UUID, as_of: datetime, known_at: datetime | None = None
) -> Sequence[ProviderListing]:
    """Return the decisions that were in effect at a time or had been before, the latest last.

    With `known_at`, only those that had been recorded by then.

    Raises:
        ProviderUnseen: There was none yet.
    """
    rows = select(ProviderListing).where(
        ProviderListing.provider_id == provider_id, ProviderListing.effective_at <= as_of
    )
    if known_at:
        rows = rows.where(ProviderListing.recorded_at <= known_at)
    if found := (await session.scalars(rows.order_by(ProviderListing.revision))).all():
        return found
    raise ProviderUnseen(provider_id=str(provider_id))
