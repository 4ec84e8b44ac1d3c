"""Audit a remedy: closed is not fixed."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.checkups import queries as checkups
from services.operations.checkups.rules import evaluate
from services.operations.remedies import queries
from services.operations.remedies.rules import NotResurveyed, RemedyState, check_auditor, check_step, is_fixed
from services.operations.remedies.take_step import Step, take_step


@dataclass(frozen=True, slots=True)
class Audit:
    """Who audits which remedy."""

    checkup_id: uuid.UUID
    community_code: str
    by: str
    now: datetime


async def audit(session: AsyncSession, command: Audit) -> None:
    """Compare the community's index before with that of a survey made after the work, by the same scheme.

    Raises:
        CheckupUnseen: The community is not in such a check-up.
        RemedyStepRefused: The work is not reported done.
        AuditedByOwnHand: The auditor planned or did the work.
        NotResurveyed: There is no survey with enough data made after the work was done.
    """
    checkup = await checkups.checkup(session, command.checkup_id)
    before = await checkups.result(session, command.checkup_id, command.community_code)
    taken = queries.taken(await queries.steps(session, command.checkup_id, command.community_code))
    check_step(taken, "fixed")
    check_auditor(taken, command.by)
    survey = await checkups.surveyed_after(session, command.community_code, taken[-1].at)
    _, subclasses = await checkups.scheme(session, checkup.scheme)
    after_bp = evaluate(survey, subclasses).index_bp if survey else None
    if after_bp is None:
        raise NotResurveyed(done_at=taken[-1].at.isoformat())
    state: RemedyState = "fixed" if is_fixed(before.index_bp or 0, after_bp, checkup.cutoff_bp or 0) else "not_fixed"
    facts = {"before_bp": before.index_bp, "after_bp": after_bp, "cutoff_bp": checkup.cutoff_bp}
    await take_step(
        session, Step(command.checkup_id, command.community_code, state, facts, by=command.by, now=command.now)
    )
