"""Do with a resident's hours what the desk asks, by the verb that the resident's own command calls."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.assistance.rules import Convert, GiveHours, NameHeir
from services.points.conversions import convert as conversions
from services.points.timebank import give_hours as hours
from services.points.timebank import name_heir as heirs

REFUSALS = (*conversions.REFUSALS, *hours.REFUSALS, *heirs.REFUSALS)
"""What `spend_hours` may refuse with."""


@dataclass(frozen=True, slots=True)
class SpendHours:
    """What is done with whose hours of which community's book."""

    resident_id: uuid.UUID
    community_code: str
    asked: Convert | GiveHours | NameHeir
    now: datetime


async def spend_hours(session: AsyncSession, command: SpendHours) -> str:
    """Convert hours, give them away or name who inherits them; returns the id of what was made.

    Raises:
        Refusal: The resident could not do it either (see REFUSALS).
    """
    who, code, now = command.resident_id, command.community_code, command.now
    match command.asked:
        case Convert(quarters=quarters):
            return str(
                (await conversions.convert(session, conversions.Convert(who, code, quarters, now))).conversion_id
            )
        case GiveHours(quarters=quarters, bond_id=bond_id):
            gift = hours.GiveHours(who, code, quarters, bond_id, reference=uuid.uuid4().hex, now=now)
            return str((await hours.give_hours(session, gift)).transfer_id)
        case NameHeir(bond_id=bond_id):
            await heirs.name_heir(session, heirs.NameHeir(who, code, bond_id))
            return str(bond_id or code)
