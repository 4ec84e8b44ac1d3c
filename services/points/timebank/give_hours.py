"""Give hours away: to a spouse or direct relative, or to the community."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.families.queries import hold_own_bond, seen_by, state_of
from services.points.families.rules import BondStepRefused, BondUnseen, require_state
from services.points.fraud.queries import REFUSALS as UNFROZEN
from services.points.fraud.queries import require_unfrozen
from services.points.ledger.post import post
from services.points.ledger.rules import (
    POOL,
    AssetClass,
    NotEnoughPoints,
    Posted,
    PostTransfer,
    TransferKind,
    resident,
)
from services.points.timebank.queries import hold_hours
from services.points.timebank.rules import split
from shared.errors import unless_refused

REFUSALS = (BondUnseen, BondStepRefused, *UNFROZEN, NotEnoughPoints)
"""What `give_hours` may refuse with."""


@dataclass(frozen=True, slots=True)
class GiveHours:
    """Whose quarter hours of which book go to the other of a bond; without a bond, to the community."""

    resident_id: uuid.UUID
    community_code: str
    quarters: int
    bond_id: uuid.UUID | None
    reference: str
    now: datetime


async def give_hours(session: AsyncSession, command: GiveHours) -> Posted:
    """Move the hours; they keep their expiry, and what is past the relative's cap is donated.

    Raises:
        BondUnseen: There is no such bond, or the caller is neither of the two: strangers give each other nothing.
        BondStepRefused: It is not bound.
        Frozen: The resident is suspected, or ScreeningLate: nobody has looked lately.
        NotEnoughPoints: The resident has fewer to give in this book.
    """
    me, pool = resident(command.resident_id), command.quarters
    amounts = [(me, -command.quarters)]
    if command.bond_id:
        bond = await hold_own_bond(session, command.bond_id, command.resident_id)
        require_state(state_of(bond), "bound")
        other = seen_by(bond, command.resident_id).other
        kept, pool = split(await hold_hours(session, other), command.quarters)
        amounts += [(resident(other), kept)] if kept else []
    amounts += [(POOL, pool)] if pool else []
    await require_unfrozen(session, me.owner, now=command.now)
    transfer = PostTransfer(
        command.community_code, AssetClass.HOURS, TransferKind.GIVE, command.reference, tuple(amounts)
    )
    [outcome] = await post(session, [[transfer]], now=command.now)
    [posted] = unless_refused(outcome)
    return posted
