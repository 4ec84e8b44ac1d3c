"""Share service points with a bound relative; a point that moves keeps its issuer, activity and expiry."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.families.queries import hold_own_bond, seen_by, state_of
from services.points.families.rules import BondStepRefused, BondUnseen, require_state
from services.points.fraud.queries import REFUSALS as UNFROZEN
from services.points.fraud.queries import require_unfrozen
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, NotEnoughPoints, Posted, PostTransfer, TransferKind, resident
from shared.errors import unless_refused

REFUSALS = (BondUnseen, BondStepRefused, *UNFROZEN, NotEnoughPoints)
"""What `share` may refuse with."""


@dataclass(frozen=True, slots=True)
class Share:
    """Who shares how many points of which community's book with the other of a bond."""

    resident_id: uuid.UUID
    bond_id: uuid.UUID
    community_code: str
    points: int
    reference: str
    now: datetime


async def share(session: AsyncSession, command: Share) -> Posted:
    """Move points to a bound relative.

    Raises:
        BondUnseen: There is no such bond, or the caller is neither of the two: strangers share nothing.
        BondStepRefused: It is not bound.
        Frozen: The resident is suspected, or ScreeningLate: nobody has looked lately.
        NotEnoughPoints: The resident has fewer to spend in this book.
    """
    bond = await hold_own_bond(session, command.bond_id, command.resident_id)
    require_state(state_of(bond), "bound")
    other = seen_by(bond, command.resident_id).other
    await require_unfrozen(session, resident(command.resident_id).owner, now=command.now)
    amounts = ((resident(command.resident_id), -command.points), (resident(other), command.points))
    transfer = PostTransfer(command.community_code, AssetClass.SERVICE, TransferKind.GIVE, command.reference, amounts)
    [outcome] = await post(session, [[transfer]], now=command.now)
    [posted] = unless_refused(outcome)
    return posted
