"""Correct the quarter hours of a visit, or decide a dispute: one member of staff proposes, another agrees (P37)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.timebank.note_step import Step, note_step
from services.scenarios.timebank.queries import lock_visit, parties
from services.scenarios.timebank.rules import HelpElsewhere, HelpUnseen, OwnCorrection, require_state
from services.scenarios.timebank.tables import HelpStep, HelpVisit
from services.scenarios.timebank.tell_confirmed import tell_confirmed
from shared.identity import Identity

CORRECTABLE = ("ended", "disputed", "confirmed")
PROPOSED, CORRECTED = "correction-proposed", "corrected"


@dataclass(frozen=True, slots=True)
class ProposeCorrection:
    """How many quarter hours it really was, and how that is known."""

    visit_id: uuid.UUID
    quarters: int
    reason: str
    by: Identity
    now: datetime


@dataclass(frozen=True, slots=True)
class AgreeCorrection:
    """Which proposal, by its number on the trail."""

    visit_id: uuid.UUID
    number: int
    by: Identity
    now: datetime


async def propose_correction(session: AsyncSession, command: ProposeCorrection) -> HelpVisit:
    """Propose a correction; the quarter hours stay as they are until another agrees.

    Raises:
        HelpUnseen: There is no such visit in the caller's area.
        HelpElsewhere: There is nothing to correct yet, or any more.
        OwnCorrection: The caller is a party.
    """
    visit = await _lock(session, command.visit_id, command.by)
    by, now = command.by.subject, command.now
    await note_step(session, visit, Step(PROPOSED, by, now, quarters=command.quarters, reason=command.reason))
    return visit


async def agree_correction(session: AsyncSession, command: AgreeCorrection) -> HelpVisit:
    """Agree to a correction: from now on it is what counts, and the hours are posted anew.

    Raises:
        HelpUnseen: There is no such visit in the caller's area, or no such proposal.
        HelpElsewhere: It was agreed to, or there is a later one.
        OwnCorrection: The caller proposed it, or is a party.
    """
    visit = await _lock(session, command.visit_id, command.by)
    proposed = await session.get(HelpStep, (visit.community_code, visit.id, command.number))
    if proposed is None or proposed.step != PROPOSED:
        raise HelpUnseen(help_id=f"{command.visit_id}/{command.number}")
    if proposed.given_by == command.by.subject:
        raise OwnCorrection
    if await _is_overtaken(session, proposed):
        raise HelpElsewhere(state=CORRECTED)
    visit.quarters, visit.revision, visit.state = proposed.quarters, visit.revision + 1, "confirmed"
    step = Step(
        CORRECTED,
        command.by.subject,
        command.now,
        quarters=proposed.quarters,
        reason=proposed.reason,
        agrees_to=proposed.number,
        proposed_by=proposed.given_by,
    )
    await note_step(session, visit, step)
    await tell_confirmed(session, visit)
    return visit


async def _lock(session: AsyncSession, visit_id: uuid.UUID, by: Identity) -> HelpVisit:
    visit = await lock_visit(session, visit_id)
    if not by.holds(visit.community_code, *STAFF_ROLES):
        raise HelpUnseen(help_id=str(visit_id))
    if by.subject in parties(visit).subjects():
        raise OwnCorrection
    require_state(visit.state, *CORRECTABLE)
    return visit


async def _is_overtaken(session: AsyncSession, proposed: HelpStep) -> bool:
    later = select(HelpStep.number).where(
        HelpStep.community_code == proposed.community_code,
        HelpStep.visit_id == proposed.visit_id,
        HelpStep.number > proposed.number,
        HelpStep.step.in_([PROPOSED, CORRECTED]),
    )
    return await session.scalar(later.limit(1)) is not None
