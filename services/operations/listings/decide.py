"""Decide on a provider's state 名单决定: list, watch, debar, or restore."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.listings.queries import decisions, latest_in
from services.operations.listings.rules import (
    EVERYWHERE,
    Ground,
    RunningContracts,
    Scope,
    State,
    check_step,
    check_term,
    check_way_out,
)
from services.operations.listings.tables import ProviderListing
from services.operations.providers.rules import ProviderUnseen
from services.operations.providers.tables import Provider
from shared.events import Event
from shared.events.operations import ProviderDebarred, ProviderListed, ProviderRestored, ProviderRestricted
from shared.outbox import publish


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """Who puts which provider into which state, where, on what basis, by which authority, from when and until when."""

    provider_id: uuid.UUID
    state: State
    basis: str
    authority: str
    effective_at: datetime
    by: str
    now: datetime
    scope: Scope = EVERYWHERE
    ends_at: datetime | None = None
    ground: Ground = "decision"
    running_contracts: RunningContracts = "continue"


async def decide(session: AsyncSession, command: NewDecision) -> ProviderListing:
    """Add a decision to a provider's history and tell the other services.

    Raises:
        ProviderUnseen: There is no such provider.
        TermInvalid: It would end before it starts.
        ListingStepRefused: Its state in this scope does not lead there.
        DecisionOutOfOrder: It would take effect before the decision that it follows.
    """
    check_term(command.effective_at, command.ends_at)
    # The lock makes one of two decisions wait for the other, and a contract that is being sealed for neither to miss.
    provider = await session.get(Provider, command.provider_id, with_for_update=True, populate_existing=True)
    if provider is None:
        raise ProviderUnseen(provider_id=str(command.provider_id))
    history = await decisions(session, command.provider_id)
    before = latest_in(history, command.scope, command.now)
    check_way_out(before.state, command.ground, command.state)
    check_step(before.state, before.effective_at, asked=command.state, asked_effective_at=command.effective_at)
    row = _row(command, provider.community_code, history[-1].revision + 1)
    session.add(row)
    await session.flush()
    if events := _events(command, provider, before.state):
        await publish(session, *events)
    return row


def _row(command: NewDecision, community_code: str, revision: int) -> ProviderListing:
    return ProviderListing(
        provider_id=command.provider_id,
        revision=revision,
        community_code=community_code,
        state=command.state,
        area=command.scope.area,
        scene=command.scope.scene,
        ground=command.ground,
        running_contracts=command.running_contracts,
        basis=command.basis,
        authority=command.authority,
        effective_at=command.effective_at,
        ends_at=command.ends_at,
        recorded_at=command.now,
        recorded_by=command.by,
    )


def _events(command: NewDecision, provider: Provider, before: State) -> list[Event]:
    about = {"community_code": provider.community_code, "provider_id": provider.id}
    scope = {"area": command.scope.area, "scene": command.scope.scene}
    term = {"effective_at": command.effective_at, "ends_at": command.ends_at}
    how = {"basis": command.basis, "running_contracts": command.running_contracts, **term}
    if command.state == "debarred":
        if command.scope == EVERYWHERE:
            return [ProviderDebarred(**about, **how)]
        return [
            ProviderRestricted(
                **about, **scope, basis=command.basis, **term, running_contracts=command.running_contracts
            )
        ]
    if before == "debarred":
        return [ProviderRestored(**about, **scope, ground=command.ground, effective_at=command.effective_at)]
    if before == "candidate":
        return [ProviderListed(**about, kind=told_kind(provider.kind), name=provider.name)]
    return []


def told_kind(kind: str) -> str:
    """Return the kind that is told: a space operator 空间运营师 is an operator to the other services."""
    return "merchant" if kind == "merchant" else "operator"
