"""What decisions on providers do to their running contracts; operations takes in what it has told itself."""

from datetime import UTC, datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.follow_debarment import BECAUSE_DEBARRED, Consequence, follow_debarment
from services.operations.listings.rules import EVERYWHERE, Scope
from shared.events.operations import ProviderDebarred, ProviderRestored, ProviderRestricted

BY = "system:lists"


async def follow_debarred(session: AsyncSession, event: ProviderDebarred) -> None:
    """Suspend or end the provider's contracts, if the debarment says so."""
    await _follow(session, event, EVERYWHERE)


async def follow_restricted(session: AsyncSession, event: ProviderRestricted) -> None:
    """Suspend or end the provider's contracts in the scope, if the decision says so."""
    await _follow(session, event, Scope(area=event.area, scene=event.scene))


async def follow_restored(session: AsyncSession, event: ProviderRestored) -> None:
    """Resume the contracts that the debarment suspended."""
    scope = Scope(area=event.area, scene=event.scene)
    reason = f"移出黑名单 restored: {event.ground}"
    await follow_debarment(session, Consequence(event.provider_id, scope, "resumed", reason, BY, datetime.now(UTC)))


async def _follow(session: AsyncSession, event: ProviderDebarred | ProviderRestricted, scope: Scope) -> None:
    if event.running_contracts == "continue":
        return
    state: Literal["suspended", "terminated"] = "suspended" if event.running_contracts == "suspend" else "terminated"
    reason = f"{BECAUSE_DEBARRED}{event.basis}"
    await follow_debarment(session, Consequence(event.provider_id, scope, state, reason, BY, datetime.now(UTC)))
