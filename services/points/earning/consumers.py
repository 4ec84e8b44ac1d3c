"""Takes in attendance: who checked in and out has done a deed."""

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.earning.earn import Earn, earn
from services.points.earning.rules import EarnsNothing, NoEarningRule
from services.points.ledger.rules import AlreadyPosted
from services.points.limits.rules import CapReached
from shared.errors import Refusal
from shared.events.scenarios import AttendanceCompleted

log = structlog.get_logger()


def deed_of(event: AttendanceCompleted) -> Earn:
    """Return the deed that an attendance is."""
    return Earn(
        community_code=event.community_code,
        activity=event.activity_kind,
        reference=str(event.attendance_id),
        resident_id=event.resident_id,
        quantity=event.minutes,
        occurred_at=event.checked_out_at,
        evidence={
            "attendance_id": str(event.attendance_id),
            "checked_in_at": event.checked_in_at.isoformat(),
            "checked_out_at": event.checked_out_at.isoformat(),
        },
    )


async def earn_by_attendance(session: AsyncSession, deeds: Sequence[Earn]) -> None:
    """Earn by minutes attended; that no rule applies, a cap is reached, or that it has earned before, is no fault."""
    for deed, outcome in zip(deeds, await earn(session, deeds, now=datetime.now(UTC)), strict=True):
        if isinstance(outcome, NoEarningRule | EarnsNothing | CapReached | AlreadyPosted):
            log.info("attendance earns nothing", attendance_id=deed.reference, reason=outcome.type)
        elif isinstance(outcome, Refusal):
            raise outcome
