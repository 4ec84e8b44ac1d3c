"""Exempt a resident."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.arrivals.tables import Exemption
from services.scenarios.assistance.rules import STAFF_ROLES
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class Exempt:
    """A resident, until when, and where the reason lies."""

    community_code: str
    resident_id: uuid.UUID
    until: datetime
    reference: str
    by: Identity


async def exempt(session: AsyncSession, command: Exempt) -> None:
    """Exempt a resident: what it misses until then does not count.

    Raises:
        OutOfScope: The caller is no staff of the community.
    """
    command.by.require(command.community_code, *STAFF_ROLES)
    await session.execute(
        insert(Exemption)
        .values(
            community_code=command.community_code,
            resident_id=command.resident_id,
            until=command.until,
            reference=command.reference,
            given_by=command.by.subject,
        )
        .on_conflict_do_nothing()
    )
