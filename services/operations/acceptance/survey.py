"""Put the satisfaction survey to an acceptance."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.acceptance import queries
from services.operations.acceptance.rules import AcceptanceDecided, Satisfaction


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What a survey found, and links to it."""

    community_code: str
    acceptance_id: uuid.UUID
    satisfaction: Satisfaction
    evidence: Sequence[str]
    by: str


async def survey(session: AsyncSession, command: Surveyed) -> None:
    """Put a survey to an acceptance; a later one takes its place until it is decided.

    Raises:
        AcceptanceUnseen: There is no such acceptance.
        AcceptanceDecided: It is decided.
    """
    row = await queries.acceptance(session, command.community_code, command.acceptance_id, hold=True)
    if row.decided_at:
        raise AcceptanceDecided(acceptance_id=str(row.id))
    row.satisfaction = {**asdict(command.satisfaction), "evidence": list(command.evidence), "by": command.by}
    await session.flush()
