"""Decide on what another person proposed."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.changes.propose_change import put_in_force
from gateway.console.changes.rules import ChangeUnseen, check_decision, read_document
from gateway.console.changes.tables import Change

Verdict = Literal["approved", "rejected"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a second person says to a change."""

    change_id: uuid.UUID
    verdict: Verdict
    by: str
    now: datetime


async def decide_change(session: AsyncSession, decision: Decision) -> Change:
    """Put a change in force, or reject it; rejecting what held at once undoes it.

    Raises:
        ChangeUnseen: There is no such change.
        ChangeDecided: It was decided before.
        SamePerson: They proposed it.
        DocumentMalformed: What was proposed no longer fits its kind.
    """
    change = await session.get(Change, decision.change_id, with_for_update=True, populate_existing=True)
    if change is None:
        raise ChangeUnseen(change_id=str(decision.change_id))
    check_decision(proposed_by=change.proposed_by, decided_by=decision.by, verdict=change.verdict)
    change.verdict, change.decided_by, change.decided_at = decision.verdict, decision.by, decision.now
    await session.flush()
    if decision.verdict == "approved" and not change.at_once:
        read_document(change.kind, change.after)
        await put_in_force(session, change, change.after)
    elif decision.verdict == "rejected" and change.at_once:
        await put_in_force(session, change, change.before)
    return change
