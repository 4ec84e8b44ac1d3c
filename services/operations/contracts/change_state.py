"""Suspend, resume or terminate a contract."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.contracts.queries import decisions, hold, state_at
from services.operations.contracts.rules import check_state_step
from services.operations.contracts.tables import Contract, ContractDecision
from shared.clock import local_day


@dataclass(frozen=True, slots=True)
class StateChange:
    """What is decided on a contract, and why."""

    state: Literal["suspended", "resumed", "terminated"]
    reason: str
    by: str
    now: datetime


async def change_state(session: AsyncSession, contract: Contract, command: StateChange) -> None:
    """Decide on a contract.

    Raises:
        StepRefused: Its state does not allow it.
    """
    await hold(session, contract)
    check_state_step(await state_at(session, contract, local_day(command.now), command.now), command.state)
    taken = await decisions(session, contract)
    session.add(
        ContractDecision(
            community_code=contract.community_code,
            contract_id=contract.id,
            revision=len(taken) + 1,
            state=command.state,
            reason=command.reason,
            decided_at=command.now,
            decided_by=command.by,
        )
    )
    await session.flush()
