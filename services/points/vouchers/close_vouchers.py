"""Close vouchers that no till may post any more, and decide anew on what waited for somebody frozen."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, release_of, resident
from services.points.vouchers.rules import reference_of
from services.points.vouchers.settle_presentations import settle_presentations
from services.points.vouchers.tables import Presentation, Voucher
from shared.errors import unless_refused

VOUCHERS_AT_ONCE = 500


async def retry_vouchers(session: AsyncSession, *, now: datetime, most: int = VOUCHERS_AT_ONCE) -> int:
    """Decide anew on presentations that wait, those first that have waited longest; returns how many."""
    rows = select(Presentation).where(Presentation.state == "waiting", Presentation.decided_at < now)
    locked = rows.order_by(Presentation.decided_at).limit(most).with_for_update(skip_locked=True)
    waiting = (await session.scalars(locked)).all()
    if waiting:
        await settle_presentations(session, waiting, now=now)
        await session.flush()
    return len(waiting)


async def close_vouchers(session: AsyncSession, *, now: datetime, most: int = VOUCHERS_AT_ONCE) -> int:
    """Close vouchers whose time to be posted is over, and free their points; one that a till waits for stays open.

    Returns:
        How many were closed.
    """
    awaited = exists().where(
        Presentation.state == "waiting",
        Presentation.voucher_community == Voucher.community_code,
        Presentation.voucher_id == Voucher.voucher_id,
    )
    rows = select(Voucher).where(Voucher.closed_at.is_(None), Voucher.closes_at <= now, ~awaited)
    locked = rows.order_by(Voucher.community_code, Voucher.voucher_id).limit(most)
    over = (await session.scalars(locked.with_for_update(skip_locked=True, key_share=True))).all()
    wallets = [(one.community_code, AssetClass.SERVICE, resident(one.resident_id)) for one in over]
    releases = [[release_of(w, reference_of(one.voucher_id))] for w, one in zip(wallets, over, strict=True)]
    for voucher, outcome in zip(over, await post(session, releases, now=now), strict=True):
        unless_refused(outcome)
        voucher.closed_at = now
    await session.flush()
    return len(over)
