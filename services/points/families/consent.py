"""Consent to an invitation."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.families.queries import bonds_of, hold_persons, seen_by
from services.points.families.rules import InvitationUnseen, OwnInvitation, check_new, hash_of, is_over
from services.points.families.tables import FamilyBond


@dataclass(frozen=True, slots=True)
class Consent:
    """Who consents with which code."""

    resident_id: uuid.UUID
    code: str
    now: datetime


async def consent(session: AsyncSession, command: Consent) -> FamilyBond:
    """Consent; the first who does is meant.

    Raises:
        InvitationUnseen: No invitation with this code waits.
        OwnInvitation: Who consents invited.
        RelatedAlready: The two are related, or one has no place for another relative of this kind.
    """
    rows = select(FamilyBond).where(FamilyBond.code_hash == hash_of(command.code), FamilyBond.invitee_id.is_(None))
    bond = await session.scalar(rows.with_for_update())
    if bond is None or bond.ended_at or is_over(bond.invited_at, command.now):
        raise InvitationUnseen
    if bond.inviter_id == command.resident_id:
        raise OwnInvitation
    both = (bond.inviter_id, command.resident_id)
    await hold_persons(session, *both)
    known = {one: [seen_by(row, one) for row in await bonds_of(session, one) if row.invitee_id] for one in both}
    bond.invitee_id, bond.consented_at = command.resident_id, command.now
    for one in both:
        check_new(known[one], seen_by(bond, one))
    await session.flush()
    return bond
