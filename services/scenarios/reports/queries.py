"""Reads about reports."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.reports.rules import ReportUnseen
from services.scenarios.reports.tables import HandOver, Report
from shared.assistance import subject_of
from shared.identity import Identity
from shared.pagination import decode_id, encode_cursor

Told = tuple[Report, HandOver | None]
_TOLD = select(Report, HandOver).outerjoin(
    HandOver, (HandOver.community_code == Report.community_code) & (HandOver.report_id == Report.id)
)


async def find_report(session: AsyncSession, report_id: uuid.UUID, who: Identity) -> Told:
    """Return a report and its hand-over, if it was handed over.

    Raises:
        ReportUnseen: There is none, or it is another resident's and the caller no staff of the community.
    """
    found = (await session.execute(_TOLD.where(Report.id == report_id))).one_or_none()
    if found is None:
        raise ReportUnseen(report_id=str(report_id))
    report, hand_over = found
    if who.subject != subject_of(report.resident_id) and not who.holds(report.community_code, *STAFF_ROLES):
        raise ReportUnseen(report_id=str(report_id))
    return report, hand_over


async def lock_report(session: AsyncSession, report_id: uuid.UUID, who: Identity) -> Told:
    """Return a report as staff work on it, locked until the transaction ends.

    Raises:
        ReportUnseen: There is none, or the caller is no staff of its community.
    """
    locked = select(Report).where(Report.id == report_id).with_for_update().execution_options(populate_existing=True)
    report = await session.scalar(locked)
    if report is None or not who.holds(report.community_code, *STAFF_ROLES):
        raise ReportUnseen(report_id=str(report_id))
    hand_over = await session.get(
        HandOver, (report.community_code, report.id), populate_existing=True, with_for_update=True
    )
    return report, hand_over


async def list_reports(
    session: AsyncSession, community_code: str, cursor: str | None, page_size: int
) -> tuple[Sequence[Told], str | None]:
    """Return a page of a community's reports that are not closed, oldest first, and the cursor of the next page.

    Raises:
        BadCursor: The cursor is not one of this list.
    """
    query = _TOLD.where(Report.community_code == community_code, Report.state != "closed")
    if cursor:
        query = query.where(Report.id > decode_id(cursor))
    rows = (await session.execute(query.order_by(Report.id).limit(page_size + 1))).all()
    page = [(report, hand_over) for report, hand_over in rows[:page_size]]
    return page, encode_cursor(str(page[-1][0].id)) if len(rows) > page_size else None
