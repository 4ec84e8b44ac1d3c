"""Claim what is to be asked of a city next."""

from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.communities.tables import Community
from services.scenarios.reports.rules import Errand, Kind, pause_after
from services.scenarios.reports.tables import HandOver, Report


async def claim_errand(session: AsyncSession, now: datetime) -> Errand | None:
    """Return the errand that is most overdue, if one is.

    It is due again when a pause is over that is longer than any call of a city: a worker that dies on the way has lost
    nothing, and no two run one errand at once.
    """
    rows = await session.execute(
        select(HandOver, Report, Community.name)
        .join(Report, (Report.community_code == HandOver.community_code) & (Report.id == HandOver.report_id))
        .join(Community, Community.community_code == HandOver.community_code)
        .where(HandOver.due_at <= now)
        .order_by(HandOver.due_at)
        .limit(1)
        .with_for_update(of=HandOver, skip_locked=True)
    )
    found = rows.one_or_none()
    if found is None:
        return None
    handed, report, community = found
    errand = Errand(
        handed.community_code,
        handed.report_id,
        community,
        cast("Kind", report.kind),
        report.place,
        handed.text,
        handed.handed_at,
        handed.tries,
        handed.token,
        handed.request_id,
    )
    handed.due_at = now + pause_after(handed.tries)
    handed.tries += 1
    await session.flush()
    return errand
