"""Present vouchers: a till reports what it took while it had no network."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.vouchers.rules import Reason, Report, claims_of
from services.points.vouchers.settle_presentations import settle_presentations
from services.points.vouchers.tables import Presentation


@dataclass(frozen=True, slots=True)
class PresentVouchers:
    """What a till of which merchant took, each under an id of the till's own."""

    community_code: str
    merchant_id: uuid.UUID
    reports: Sequence[Report]


async def present_vouchers(session: AsyncSession, command: PresentVouchers, *, now: datetime) -> Sequence[Presentation]:
    """Keep what a till reports, each once, and decide on it; those that wait are decided on anew.

    Returns:
        The presentations in the order of their ids.
    """
    ids = [report.presentation_id for report in command.reports]
    rows = [_row(command, report, now) for report in sorted(command.reports, key=lambda one: one.presentation_id)]
    await session.execute(insert(Presentation).values(rows).on_conflict_do_nothing())
    kept = select(Presentation).where(
        Presentation.community_code == command.community_code,
        Presentation.merchant_id == command.merchant_id,
        Presentation.presentation_id.in_(ids),
    )
    locked = kept.order_by(Presentation.presentation_id).with_for_update()
    presentations = (await session.scalars(locked, execution_options={"populate_existing": True})).all()
    waiting = sorted((one for one in presentations if one.state == "waiting"), key=lambda one: one.presented_at)
    if waiting:
        await settle_presentations(session, waiting, now=now)
    return presentations


def _row(command: PresentVouchers, report: Report, now: datetime) -> dict[str, object]:
    community_code, voucher_id = claims_of(report.token) or (None, None)
    return {
        "community_code": command.community_code,
        "merchant_id": command.merchant_id,
        "presentation_id": report.presentation_id,
        "token": report.token,
        "voucher_community": community_code,
        "voucher_id": voucher_id,
        "presented_at": report.presented_at,
        "posted_at": now,
        "decided_at": now,
        "state": "waiting",
        "reason": Reason.FROZEN,
    }
