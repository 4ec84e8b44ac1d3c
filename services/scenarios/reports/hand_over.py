"""Hand a report over to the city; the worker sends it."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.reports.queries import Told, lock_report
from services.scenarios.reports.rules import require_open, without_personal
from services.scenarios.reports.tables import HandOver
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class HandReportOver:
    """A report for the city, in other words than the resident's where those say too much."""

    report_id: uuid.UUID
    text: str | None
    by: Identity
    now: datetime


async def hand_over(session: AsyncSession, command: HandReportOver) -> Told:
    """Put a report on its way; one that the city refused goes once more, under its old number if it has one.

    Raises:
        ReportUnseen: There is none, or the caller is no staff of its community.
        ReportElsewhere: It is at the city, or closed.
    """
    report, handed = await lock_report(session, command.report_id, command.by)
    require_open(report.state, handed.state if handed else None)
    if handed is None:
        handed = HandOver(community_code=report.community_code, report_id=report.id, tries=0)
        session.add(handed)
    handed.text = without_personal(command.text or report.text)
    handed.state = "sent" if handed.request_id or handed.token else "queued"
    handed.refusal, handed.due_at = None, command.now
    handed.handed_by, handed.handed_at = command.by.subject, command.now
    report.state = "handed-over"
    await session.flush()
    return report, handed
