"""Speak for a resident: what the desk says in its name moves no points."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.assistance.rules import Appeal, Done, EndBond, Invite, NameHeir, Saying
from services.points.communities.rules import CommunityUnknown
from services.points.families import end_bond as bonds
from services.points.families import invite as invitations
from services.points.fraud.appeal_freeze import appeal_freeze
from services.points.fraud.queries import hold_freeze
from services.points.fraud.rules import FreezeClosed, FreezeUnknown
from services.points.timebank import name_heir as timebank
from services.points.timebank.rules import LegacyElsewhere
from shared.assistance import subject_of
from shared.identity import Identity

REFUSALS = (*invitations.REFUSALS, *bonds.REFUSALS, FreezeUnknown, FreezeClosed, CommunityUnknown, LegacyElsewhere)
"""What `speak_for` may refuse with."""


@dataclass(frozen=True, slots=True)
class SpeakFor:
    """What is said in whose name, of which community."""

    resident_id: uuid.UUID
    community_code: str
    asked: Saying


async def speak_for(session: AsyncSession, command: SpeakFor, *, now: datetime) -> Done:
    """Say what is asked as the resident would say it itself.

    Raises:
        Refusal: The resident could not do it either (see REFUSALS).
    """
    resident_id, code = command.resident_id, command.community_code
    match command.asked:
        case Invite(relation=relation):
            order = invitations.Invitation(resident_id, code, relation, now)
            bond, secret = await invitations.invite(session, order)
            return Done(0, str(bond.bond_id), secret)
        case EndBond(bond_id=bond_id):
            await bonds.end_bond(session, bond_id, resident_id, now)
            return Done(0, str(bond_id))
        case NameHeir(bond_id=bond_id):
            await timebank.name_heir(session, timebank.NameHeir(resident_id, code, bond_id))
            return Done(0, str(bond_id or code))
        case Appeal(freeze_id=freeze_id, appeal=said):
            freeze = await hold_freeze(session, freeze_id, Identity(subject_of(resident_id), ()))
            await appeal_freeze(session, freeze, said, now=now)
            return Done(0, str(freeze_id))
