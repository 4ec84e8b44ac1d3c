"""Expire: moves what has expired out of the lots into the community's pool."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.post import post
from services.points.ledger.rules import POOL, AccountKind, AccountName, AssetClass, PostTransfer, TransferKind
from shared.clock import local_day
from shared.errors import Refusal

ACCOUNTS_AT_ONCE = 500

# Basic points are a record: they go nowhere, not even when they expire.
_EXPIRED = text("""
    SELECT community_code, asset_class, owner, sum(remaining - pinned)::bigint AS points
    FROM lot JOIN account USING (community_code, account_id) CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount), 0) AS pinned FROM hold_lot
        WHERE hold_lot.community_code = lot.community_code AND hold_lot.account_id = lot.account_id
          AND hold_lot.lot_id = lot.lot_id AND hold_lot.expires_at > :now
    ) AS held
    WHERE lot.expires_on < :today AND remaining > pinned AND asset_class <> 'basic'
    GROUP BY community_code, asset_class, owner ORDER BY community_code, owner, asset_class LIMIT :most
""")


async def expire(session: AsyncSession, *, now: datetime, most: int = ACCOUNTS_AT_ONCE) -> int:
    """Move what has expired, and no hold pins, of at most `most` accounts to the pools of their communities.

    It is posted like all else: what is spent, captured or given back meanwhile comes before or after it. That it has
    not run yet makes nothing good for longer; it only keeps the lots tidy.

    Returns:
        How many accounts gave something up; fewer than `most` when no more waits.
    """
    found = await session.execute(_EXPIRED, {"now": now, "today": local_day(now), "most": most})
    postings = [
        [
            PostTransfer(
                community_code,
                AssetClass(asset_class),
                TransferKind.EXPIRE,
                f"{owner}:{asset_class}:{now.isoformat()}",
                ((AccountName(AccountKind.RESIDENT, owner), -points), (POOL, points)),
            )
        ]
        for community_code, asset_class, owner, points in found
    ]
    outcomes = await post(session, postings, now=now)
    return sum(not isinstance(outcome, Refusal) for outcome in outcomes)
