"""Attest that two who agreed are direct relatives."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.families.queries import hold_bond, state_of
from services.points.families.rules import AttestedByRelative, require_state
from services.points.families.tables import FamilyBond


@dataclass(frozen=True, slots=True)
class Attestation:
    """Who has seen which kind of document; its number is not kept."""

    bond_id: uuid.UUID
    document: str
    by: str
    now: datetime


async def attest(session: AsyncSession, command: Attestation) -> FamilyBond:
    """Attest; from now on the two may share.

    Raises:
        BondUnseen: There is no such bond.
        BondStepRefused: It waits for the relative's consent, or is bound or ended.
        AttestedByRelative: Who attests is one of the two.
    """
    bond = await hold_bond(session, command.bond_id)
    require_state(state_of(bond), "consented")
    if command.by in {f"resident:{bond.inviter_id}", f"resident:{bond.invitee_id}"}:
        raise AttestedByRelative
    bond.document, bond.attested_at, bond.attested_by = command.document, command.now, command.by
    await session.flush()
    return bond
