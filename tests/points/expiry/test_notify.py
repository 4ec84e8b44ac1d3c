"""Residents are told 30, 7 and 1 days before their points expire, once each, of what they still have."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from services.points.communities.tables import Community
from services.points.earning.earn import Earn, earn
from services.points.earning.publish_rule import PublishRule, publish_rule
from services.points.expiry.expire import expire
from services.points.expiry.notify import notify
from services.points.ledger.rules import AssetClass
from shared.clock import CHINA
from shared.database import Database
from shared.outbox import OutboxRow
from tests.points.book import QINGBO, allow, broken, grant

RESIDENT = uuid.uuid4()
DONE = datetime(2026, 3, 10, 4, tzinfo=UTC)
LAST = datetime(2026, 5, 31, 12, tzinfo=CHINA)  # two months on, at the month's end


async def told(points: Database) -> list[tuple[int, int]]:
    async with points.transaction() as session:
        rows = await session.scalars(
            select(OutboxRow.data).where(OutboxRow.type == "points.points-expiring.v1").order_by(OutboxRow.id)
        )
        return [(row["days_before"], row["points"]) for row in rows]


async def run(points: Database, now: datetime) -> int:
    async with points.transaction() as session:
        return await notify(session, now=now)


@pytest.mark.proves("P33")
async def test_points_expire_by_the_policy_of_their_rule_after_three_notices_and_go_to_the_pool(
    points: Database,
) -> None:
    rule = PublishRule(QINGBO, "patrol", AssetClass.SERVICE, 1, 1, 100, 2, DONE, "staff:li")
    async with points.transaction() as session:
        session.add(Community(community_code=QINGBO, name="清波门社区"))
        await allow(session)
        await publish_rule(session, rule)
        await earn(session, [Earn(QINGBO, "patrol", "d1", RESIDENT, 40, DONE, {})], now=DONE)
        await grant(session, RESIDENT, 9)  # good until 2028
    given = {}
    for days in range(40, -1, -1):
        before = len(await told(points))
        for _ in range(3):  # every hour, or whenever: a notice is given once
            await run(points, LAST - timedelta(days=days))
        if len(await told(points)) > before:
            given[days] = (await told(points))[before:]
    assert given == {30: [(30, 40)], 7: [(7, 40)], 1: [(1, 40)]}
    async with points.transaction() as session:
        assert await expire(session, now=LAST) == 0
        assert await expire(session, now=LAST + timedelta(hours=12)) == 1
        pool = "SELECT sum(amount)::int FROM entry JOIN account USING (community_code, account_id) WHERE kind = 'pool'"
        assert await session.scalar(text(pool)) == 40
        assert await session.scalar(text("SELECT balance FROM account WHERE kind = 'resident'")) == 9
        assert await broken(session) == []


async def test_a_day_on_which_nobody_ran_is_made_up_for_and_basic_points_need_no_notice(points: Database) -> None:
    async with points.transaction() as session:
        await grant(session, RESIDENT, 40, expires_on=LAST.date())
        await grant(session, RESIDENT, 5, expires_on=LAST.date(), asset_class=AssetClass.BASIC)
    for days in (29, 5, 0):
        await run(points, LAST - timedelta(days=days))
    assert await told(points) == [(30, 40), (7, 40), (1, 40)]


async def test_32_runs_at_once_give_each_notice_once(points: Database) -> None:
    async with points.transaction() as session:
        for _ in range(40):
            await grant(session, uuid.uuid4(), 3, expires_on=LAST.date())
    await asyncio.gather(*(run(points, LAST - timedelta(days=30)) for _ in range(32)))
    assert await told(points) == [(30, 3)] * 40
