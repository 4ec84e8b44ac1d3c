"""Decide on an application for an entry permit."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.burdens.rules import OwnPermit, PermitDecided, PermitUnseen, Verdict
from services.operations.burdens.tables import EntryPermit


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides on which application, how and why."""

    permit_id: uuid.UUID
    verdict: Verdict
    reason: str
    by: str
    now: datetime


async def decide_on_permit(session: AsyncSession, command: Decision) -> EntryPermit:
    """Grant or refuse, once.

    Raises:
        PermitUnseen: There is no such application.
        PermitDecided: It was decided before.
        OwnPermit: Who decides applied.
    """
    permit = await session.get(EntryPermit, command.permit_id, with_for_update=True, populate_existing=True)
    if permit is None:
        raise PermitUnseen(permit_id=str(command.permit_id))
    if permit.verdict:
        raise PermitDecided(permit_id=str(command.permit_id))
    if permit.applied_by == command.by:
        raise OwnPermit
    permit.verdict, permit.reason = command.verdict, command.reason
    permit.decided_at, permit.decided_by = command.now, command.by
    await session.flush()
    return permit
