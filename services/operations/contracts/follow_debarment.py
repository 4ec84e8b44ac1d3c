"""Do to a debarred provider's running contracts what the debarment says."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.change_state import StateChange, change_state
from services.operations.contracts.queries import decisions, require_sealed, sealed_versions, state_at
from services.operations.contracts.rules import STEPS
from services.operations.contracts.tables import Contract, ContractParty
from services.operations.listings import queries as listings
from services.operations.listings.rules import Scope, suspends_contracts
from services.operations.terms.rules import Terms
from shared.clock import local_day

BECAUSE_DEBARRED = "列入黑名单 debarred: "
"""How the reason of a suspension begins that follows from a debarment."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a decision on a provider does to its contracts in a scope."""

    provider_id: uuid.UUID
    scope: Scope
    state: Literal["suspended", "resumed", "terminated"]
    reason: str
    by: str
    now: datetime


async def follow_debarment(session: AsyncSession, command: Consequence) -> int:
    """Suspend, end or resume the contracts that the scope covers and whose state allows it; returns how many.

    Only what a debarment suspended is resumed: its reason says so; and not while another, of any party, suspends it.
    """
    today, changed = local_day(command.now), 0
    contracts = await session.scalars(
        select(Contract)
        .join(
            ContractParty,
            (ContractParty.community_code == Contract.community_code) & (ContractParty.contract_id == Contract.id),
        )
        .where(ContractParty.provider_id == command.provider_id)
        .order_by(Contract.community_code, Contract.id)
    )
    for contract in contracts.all():
        if not await sealed_versions(session, contract):
            continue
        terms = (await require_sealed(session, contract, today, command.now)).terms
        covered = command.scope.holds(contract.community_code, terms.scene)
        state = await state_at(session, contract, today, command.now)
        if not covered or state not in STEPS[command.state]:
            continue
        if command.state == "resumed" and not await _may_resume(session, contract, terms, command.now):
            continue
        await change_state(session, contract, StateChange(command.state, command.reason, command.by, command.now))
        changed += 1
    return changed


async def _may_resume(session: AsyncSession, contract: Contract, terms: Terms, now: datetime) -> bool:
    if not (await decisions(session, contract))[-1].reason.startswith(BECAUSE_DEBARRED):
        return False
    for provider_id in terms.provider_ids:
        history = await listings.decisions(session, provider_id)
        if suspends_contracts(history, now, contract.community_code, terms.scene):
            return False
    return True
