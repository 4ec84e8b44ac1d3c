"""End a bond, or take an invitation back."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.families.queries import hold_own_bond, state_of
from services.points.families.rules import BondStepRefused, BondUnseen, require_state
from services.points.families.tables import FamilyBond

REFUSALS = (BondUnseen, BondStepRefused)
"""What `end_bond` may refuse with."""


async def end_bond(session: AsyncSession, bond_id: uuid.UUID, resident_id: uuid.UUID, now: datetime) -> FamilyBond:
    """End a bond, or take an invitation back; either of the two may, without the other.

    Raises:
        BondUnseen: There is no such bond, or the caller is neither of the two.
        BondStepRefused: It has ended.
    """
    bond = await hold_own_bond(session, bond_id, resident_id)
    require_state(state_of(bond), "invited", "consented", "bound")
    bond.ended_at = now
    await session.flush()
    return bond
