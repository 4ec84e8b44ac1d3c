"""Decide on a request that is not a resident's own erasure."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.privacy_requests.ask import begin_erasure
from gateway.console.privacy_requests.rules import RequestUnseen, Verdict, check_decision, takes_decision
from gateway.console.privacy_requests.tables import PrivacyRequest
from gateway.routes import STAFF
from shared.assistance import subject_of
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class Decide:
    """What staff say to a request, and why; of a correction, that it was made where it belongs."""

    request_id: uuid.UUID
    verdict: Verdict
    reason: str
    by: Identity
    now: datetime


async def decide(session: AsyncSession, command: Decide) -> PrivacyRequest:
    """Decide on a request; an erasure that is accepted begins.

    Raises:
        RequestUnseen: There is none in the caller's area.
        RequestDecided: It takes no decision, or has one.
        OwnRequest: They asked.
    """
    row = await session.get(PrivacyRequest, command.request_id, with_for_update=True, populate_existing=True)
    if row is None or not command.by.holds(row.community_code, *STAFF):
        raise RequestUnseen(request_id=str(command.request_id))
    decides = takes_decision(row.kind, row.given_by, subject_of(row.resident_id))
    check_decision(decides=decides, decided=row.verdict is not None, given_by=row.given_by, by=command.by.subject)
    row.verdict, row.reason = command.verdict, command.reason
    row.decided_by, row.decided_at = command.by.subject, command.now
    if row.kind == "correction" or command.verdict == "declined":
        row.done_at = command.now
    await session.flush()
    if row.done_at is None:
        await begin_erasure(session, row, command.now)
    return row
