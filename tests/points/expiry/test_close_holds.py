"""Holds that are over are closed, by whoever comes to their account first."""

import uuid
from datetime import timedelta

from sqlalchemy import text

from services.points.expiry.close_holds import close_holds
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, hold_of, resident
from shared.database import Database
from tests.points.book import NOW, QINGBO, broken, grant

RESIDENT, BUSY = uuid.uuid4(), uuid.uuid4()
OVER = NOW + timedelta(hours=1)


async def test_holds_that_are_over_are_closed_and_accounts_in_use_come_with_the_next_run(points: Database) -> None:
    async with points.transaction() as session:
        for resident_id in (RESIDENT, BUSY):
            await grant(session, resident_id, 30)
            wallet = (QINGBO, AssetClass.SERVICE, resident(resident_id))
            holds = [hold_of(wallet, f"{resident_id} {end}", 10, end) for end in (OVER, OVER + timedelta(seconds=1))]
            await post(session, [[hold] for hold in holds], now=NOW)
    async with points.transaction() as user:
        await grant(user, BUSY, 1)
        assert await close(points) == (1, 1)
    assert await close(points) == (1, 2)
    assert await close(points) == (0, 2)


async def close(points: Database) -> tuple[int, int]:
    """Close what is over; returns how many accounts were looked at, and how many holds are closed."""
    async with points.transaction() as session:
        looked_at = await close_holds(session, now=OVER)
    async with points.transaction() as session:
        assert await broken(session) == []
        return looked_at, await session.scalar(text("SELECT count(*) FROM hold WHERE closed_as = 'expired'")) or 0
