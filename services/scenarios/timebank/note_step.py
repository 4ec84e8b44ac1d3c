"""Note a step on a visit's trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.timebank.tables import HelpStep, HelpVisit


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, by whom; for whom and with what consent, if it was done for a party."""

    step: str
    by: str
    now: datetime
    assisted: dict[str, Any] | None = None
    quarters: int | None = None
    reason: str | None = None
    agrees_to: int | None = None
    proposed_by: str | None = None


async def note_step(session: AsyncSession, visit: HelpVisit, step: Step) -> HelpStep:
    """Add a step; the caller has locked the visit, so that numbers have no gaps."""
    last = await session.scalar(
        select(func.max(HelpStep.number)).where(
            HelpStep.community_code == visit.community_code, HelpStep.visit_id == visit.id
        )
    )
    row = HelpStep(
        community_code=visit.community_code,
        visit_id=visit.id,
        number=(last or 0) + 1,
        step=step.step,
        quarters=step.quarters,
        reason=step.reason,
        agrees_to=step.agrees_to,
        proposed_by=step.proposed_by,
        given_by=step.by,
        assisted=step.assisted,
        given_at=step.now,
    )
    session.add(row)
    await session.flush()
    return row
