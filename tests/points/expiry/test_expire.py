"""What has expired goes to the community's pool, once, and nothing else does."""

import asyncio
import uuid
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from services.points.expiry.expire import expire
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, hold_of, resident
from shared.database import Database
from tests.points.book import DONGJIANG, NOW, QINGBO, broken, grant

RESIDENT = uuid.uuid4()
SOON = date(2026, 6, 30)
LAST_MOMENT = datetime.fromisoformat("2026-06-30T23:59:59+08:00")
JULY = LAST_MOMENT + timedelta(seconds=1)


async def sweep(points: Database, now: datetime, most: int = 500) -> int:
    async with points.transaction() as session:
        return await expire(session, now=now, most=most)


async def pools(points: Database) -> dict[tuple[str, str], int]:
    async with points.transaction() as session:
        assert await broken(session) == []
        rows = await session.execute(
            text(
                "SELECT community_code, asset_class, sum(amount)::int FROM entry"
                " JOIN account USING (community_code, account_id, asset_class) WHERE kind = 'pool' GROUP BY 1, 2"
            )
        )
        return {(code, asset_class): points for code, asset_class, points in rows}


async def test_points_leave_their_lot_when_its_month_is_over_and_no_moment_before(points: Database) -> None:
    async with points.transaction() as session:
        for code in (QINGBO, DONGJIANG):
            await grant(session, RESIDENT, 30, community_code=code, expires_on=SOON)
            await grant(session, RESIDENT, 50, community_code=code)
    assert await sweep(points, LAST_MOMENT) == 0
    assert await sweep(points, JULY) == 2
    assert await sweep(points, JULY) == 0
    assert await pools(points) == {(QINGBO, "service"): 30, (DONGJIANG, "service"): 30}


async def test_basic_points_stay_as_a_record_and_hours_go_to_a_pool_of_their_own(points: Database) -> None:
    async with points.transaction() as session:
        for asset_class in AssetClass:
            await grant(session, RESIDENT, 5, asset_class=asset_class, expires_on=SOON)
    assert await sweep(points, JULY) == 2
    assert await pools(points) == {(QINGBO, "service"): 5, (QINGBO, "hours"): 5}


async def test_what_is_held_waits_until_its_hold_is_over_which_is_then_tidied_away(points: Database) -> None:
    wallet = (QINGBO, AssetClass.SERVICE, resident(RESIDENT))
    async with points.transaction() as session:
        await grant(session, RESIDENT, 30, expires_on=SOON)
        await post(session, [[hold_of(wallet, "h", 10, JULY + timedelta(hours=1))]], now=NOW)
    assert await sweep(points, JULY) == 1
    assert await pools(points) == {(QINGBO, "service"): 20}
    assert await sweep(points, JULY + timedelta(hours=1)) == 1
    assert await pools(points) == {(QINGBO, "service"): 30}
    async with points.transaction() as session:
        assert await session.scalar(text("SELECT closed_as FROM hold")) == "expired"
        assert await session.scalar(text("SELECT count(*) FROM hold_lot")) == 0


async def test_a_sweep_waits_for_accounts_in_the_order_that_all_keep(points: Database) -> None:
    """Else it could have one that another waits for, and wait for one that the other has."""
    other = uuid.uuid4()
    async with points.transaction() as session:
        await grant(session, RESIDENT, 30, expires_on=SOON)
        await grant(session, other, 30)
        held = (QINGBO, AssetClass.SERVICE, resident(other))
        await post(session, [[hold_of(held, "h", 10, NOW + timedelta(hours=1))]], now=NOW)
    async with points.transaction() as session:
        await grant(session, RESIDENT, 1)
        sweeping = asyncio.create_task(sweep(points, JULY))
        await asyncio.sleep(0.2)
        await grant(session, other, 1)
    assert await sweeping == 1
    assert await pools(points) == {(QINGBO, "service"): 30}


@pytest.mark.parametrize("most", [7, 500])
async def test_32_sweeps_at_once_move_each_point_once(points: Database, most: int) -> None:
    async with points.transaction() as session:
        for _ in range(40):
            await grant(session, uuid.uuid4(), 3, expires_on=SOON)
    later = (JULY + timedelta(seconds=n) for n in range(32))
    await asyncio.gather(*(sweep(points, now, most) for now in later))
    while await sweep(points, JULY + timedelta(hours=1), most):
        pass
    assert await pools(points) == {(QINGBO, "service"): 120}
