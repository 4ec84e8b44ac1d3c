"""Close a report that was dealt with in the community."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.reports.queries import Told, lock_report
from services.scenarios.reports.rules import require_open
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class ResolveReport:
    """What was done, as the resident is told."""

    report_id: uuid.UUID
    outcome: str
    by: Identity
    now: datetime


async def resolve_report(session: AsyncSession, command: ResolveReport) -> Told:
    """Close a report with what came of it.

    Raises:
        ReportUnseen: There is none, or the caller is no staff of its community.
        ReportElsewhere: It is at the city, or closed.
    """
    report, handed = await lock_report(session, command.report_id, command.by)
    require_open(report.state, handed.state if handed else None)
    report.state, report.outcome = "closed", command.outcome
    report.closed_at, report.closed_by = command.now, command.by.subject
    await session.flush()
    return report, handed
