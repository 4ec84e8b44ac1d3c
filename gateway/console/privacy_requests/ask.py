"""Ask to be erased everywhere, or that something be corrected."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.privacy_requests.rules import ErasureWaiting, Kind, takes_decision
from gateway.console.privacy_requests.tables import OPEN_ERASURE, PrivacyRequest
from shared.assistance import DESK_ROLES, OnBehalf, admit, subject_of
from shared.erasure import note_erasure
from shared.events.gateway import ErasureRequested
from shared.identity import Identity
from shared.outbox import publish

AGREED = "本人已自行申请 / the resident asked for it, too"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:whose, 47))")


@dataclass(frozen=True, slots=True)
class Ask:
    """What a resident asks, in its community."""

    community_code: str
    kind: Kind
    what: str
    on_behalf: OnBehalf
    by: Identity
    now: datetime


async def ask(session: AsyncSession, command: Ask) -> PrivacyRequest:
    """Take a request; one's own erasure begins at once, all else is for staff to decide.

    Who asks for its own erasure while one from the desk waits for staff agrees to that one: it begins.

    Raises:
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        ErasureWaiting: The resident is being erased already.
    """
    code, who = command.community_code, command.on_behalf.resident_id
    at_desk = command.by.holds(code, *DESK_ROLES)
    admit(command.on_behalf, by=command.by.subject, at_desk=at_desk, area=code)
    if not at_desk:
        command.by.require(code, "resident")
    if command.kind == "erasure":
        await session.execute(_ONE_AT_A_TIME, {"whose": str(who)})
        open_one = select(PrivacyRequest).where(PrivacyRequest.resident_id == who, text(OPEN_ERASURE))
        waiting = await session.scalar(open_one.with_for_update())
        if waiting is not None:
            return await _agree(session, waiting, command)
    row = PrivacyRequest(
        community_code=code,
        kind=command.kind,
        resident_id=who,
        what=command.what,
        asked_at=command.now,
        **command.on_behalf.recorded(command.by.subject),
    )
    session.add(row)
    await session.flush()
    if not takes_decision(row.kind, row.given_by, subject_of(who)):
        await begin_erasure(session, row, command.now)
    return row


async def _agree(session: AsyncSession, waiting: PrivacyRequest, command: Ask) -> PrivacyRequest:
    itself = subject_of(waiting.resident_id)
    undecided = takes_decision(waiting.kind, waiting.given_by, itself) and waiting.verdict is None
    if not undecided or command.by.subject != itself:
        raise ErasureWaiting
    waiting.verdict, waiting.reason = "accepted", AGREED
    waiting.decided_by, waiting.decided_at = itself, command.now
    await begin_erasure(session, waiting, command.now)
    await session.flush()
    return waiting


async def begin_erasure(session: AsyncSession, row: PrivacyRequest, now: datetime) -> None:
    """Tell all services to erase a resident; the gateway itself does when they have answered."""
    event = ErasureRequested(
        community_code=row.community_code,
        request_id=row.id,
        resident_id=row.resident_id,
        asked_by=row.given_by,
        asked_at=now,
    )
    await note_erasure(session, event)
    await publish(session, event)
