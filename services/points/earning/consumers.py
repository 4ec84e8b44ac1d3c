"""Takes in attendance: who checked in and out has done a deed."""

from datetime import UTC, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.earning.earn import Earn, earn
from services.points.earning.rules import EarnsNothing, NoEarningRule
from services.points.ledger.rules import AlreadyPosted
from shared.errors import unless_refused
from shared.events.scenarios import AttendanceCompleted

log = structlog.get_logger()


async def earn_by_attendance(session: AsyncSession, event: AttendanceCompleted) -> None:
    """Earn by minutes attended; that no rule applies, or that it has earned before, is no fault."""
    command = Earn(
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
    [outcome] = await earn(session, [command], now=datetime.now(UTC))
    try:
        unless_refused(outcome)
    except (NoEarningRule, EarnsNothing, AlreadyPosted) as reason:
        log.info("attendance earns nothing", attendance_id=str(event.attendance_id), reason=reason.type)
