"""Apply for slots of a round."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.rounds.queries import find_round
from services.scenarios.rounds.rules import RoundClosed, check_choices
from services.scenarios.rounds.tables import Application
from shared.assistance import DESK_ROLES, OnBehalf, admit
from shared.identity import Identity
from shared.put import put


@dataclass(frozen=True, slots=True)
class Apply:
    """The slots that a resident wants, the dearest first."""

    round_id: uuid.UUID
    on_behalf: OnBehalf
    category: str
    choices: Sequence[int]
    by: Identity
    now: datetime


async def apply(session: AsyncSession, command: Apply) -> Application:
    """Apply, or apply anew: what was chosen before no longer counts. When one applies makes no difference.

    Raises:
        RoundUnseen: There is no such round.
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        RoundClosed: It is not open.
        ChoicesInadmissible: They are not slots of the round, each once.
    """
    found = await find_round(session, command.round_id, lock=True)  # the draw waits for whoever is applying
    at_desk = command.by.holds(found.community_code, *DESK_ROLES)
    admit(command.on_behalf, by=command.by.subject, at_desk=at_desk, area=found.community_code)
    if not found.opens_at <= command.now < found.closes_at:
        raise RoundClosed(opens_at=found.opens_at.isoformat(), closes_at=found.closes_at.isoformat())
    check_choices(command.choices, len(found.slots))
    values = {
        "category": command.category,
        "choices": list(command.choices),
        "applied_at": command.now,
        **command.on_behalf.recorded(command.by.subject),
    }
    key = {
        "community_code": found.community_code,
        "round_id": found.id,
        "resident_id": command.on_behalf.resident_id,
    }
    return await put(session, Application, key, values)
