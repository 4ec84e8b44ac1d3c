"""Note a resident's age band."""

import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES, Band
from services.scenarios.assistance.tables import AgeBand
from shared.identity import Identity
from shared.put import put


@dataclass(frozen=True, slots=True)
class NoteAgeBand:
    """A resident of a community, and its age band."""

    community_code: str
    resident_id: uuid.UUID
    band: Band
    by: Identity


async def note_age_band(session: AsyncSession, command: NoteAgeBand) -> None:
    """Note an age band, or a later one.

    Raises:
        OutOfScope: The caller is no staff of the community.
    """
    command.by.require(command.community_code, *STAFF_ROLES)
    key = {"community_code": command.community_code, "resident_id": command.resident_id}
    await put(session, AgeBand, key, {"band": command.band})
