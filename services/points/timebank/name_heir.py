"""Name who inherits one's hours."""

import uuid
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.queries import require_communities
from services.points.communities.rules import CommunityUnknown
from services.points.families.queries import hold_own_bond, state_of
from services.points.families.rules import BondStepRefused, BondUnseen, require_state
from services.points.timebank.rules import LegacyElsewhere
from services.points.timebank.tables import HoursLegacy

REFUSALS = (CommunityUnknown, BondUnseen, BondStepRefused, LegacyElsewhere)
"""What `name_heir` may refuse with."""


@dataclass(frozen=True, slots=True)
class NameHeir:
    """By which bond; without one, the hours go to the community."""

    resident_id: uuid.UUID
    community_code: str
    bond_id: uuid.UUID | None


async def name_heir(session: AsyncSession, command: NameHeir) -> HoursLegacy:
    """Name the heir, in place of whom was named before.

    Raises:
        CommunityUnknown: The resident's community does not take part.
        BondUnseen: There is no such bond of the resident's.
        BondStepRefused: It is not bound.
        LegacyElsewhere: The legacy was reported.
    """
    await require_communities(session, command.community_code)
    if command.bond_id:
        bond = await hold_own_bond(session, command.bond_id, command.resident_id)
        require_state(state_of(bond), "bound")
    named = (
        insert(HoursLegacy)
        .values(community_code=command.community_code, resident_id=command.resident_id, heir_bond_id=command.bond_id)
        .on_conflict_do_update(
            index_elements=[HoursLegacy.community_code, HoursLegacy.resident_id],
            set_={"heir_bond_id": command.bond_id},
            where=HoursLegacy.reported_at.is_(None),
        )
        .returning(HoursLegacy)
        .execution_options(populate_existing=True)
    )
    legacy = await session.scalar(named)
    if legacy is None:
        raise LegacyElsewhere(resident_id=str(command.resident_id))
    return legacy
