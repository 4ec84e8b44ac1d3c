"""Decide an acceptance: what it comes to is sealed, and nothing is added any more."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.acceptance import queries
from services.operations.acceptance.rules import AcceptanceDecided, AcceptanceIncomplete


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides which acceptance."""

    community_code: str
    acceptance_id: uuid.UUID
    by: str
    now: datetime


async def decide(session: AsyncSession, command: Decision) -> None:
    """Decide an acceptance by its rubric.

    Raises:
        AcceptanceUnseen: There is no such acceptance.
        AcceptanceDecided: It is decided.
        AcceptanceIncomplete: Scores of several assessors, or the survey, are missing.
    """
    row = await queries.acceptance(session, command.community_code, command.acceptance_id, hold=True)
    if row.decided_at:
        raise AcceptanceDecided(acceptance_id=str(row.id))
    report = await queries.report(session, command.community_code, command.acceptance_id)
    if report.outcome.missing:
        raise AcceptanceIncomplete(missing="、".join(report.outcome.missing))
    row.outcome, row.digest = queries.plain(report.outcome), report.digest
    row.decided_at, row.decided_by = command.now, command.by
    await session.flush()
