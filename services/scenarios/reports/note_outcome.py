"""Note what a city answered about a report."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.reports.rules import (
    FOLLOW_EVERY,
    Away,
    Errand,
    Numbered,
    Outcome,
    Refused,
    Standing,
    pause_after,
)
from services.scenarios.reports.tables import HandOver, Report


async def note_outcome(session: AsyncSession, errand: Errand, outcome: Outcome, now: datetime) -> None:
    """Note it, and when to ask next; that the city closed the request closes the report."""
    key = (errand.community_code, errand.report_id)
    report = await session.get_one(Report, key, with_for_update=True)
    handed = await session.get_one(HandOver, key, with_for_update=True)
    match outcome:
        case Numbered(request_id, token):
            handed.state, handed.request_id, handed.token = "sent", request_id or handed.request_id, token
            _answered(handed, now + (FOLLOW_EVERY if request_id else pause_after(0)))
        case Standing(is_closed=True, notes=notes):
            handed.state, handed.notes, handed.due_at = "closed", notes, None
            report.state, report.outcome, report.closed_at, report.closed_by = "closed", notes, now, "open311"
        case Standing(notes=notes):
            handed.notes = notes
            _answered(handed, now + FOLLOW_EVERY)
        case Refused(reason):
            handed.state, handed.refusal, handed.due_at, handed.tries = "refused", reason, None, 0
        case Away(reason):
            handed.notes = reason  # it stays due as it was claimed


def _answered(handed: HandOver, due_at: datetime) -> None:
    handed.tries, handed.due_at = 0, due_at
