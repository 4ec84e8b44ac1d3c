"""Caps across communities and budgets, on a real book, at the edge."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.tables import Community
from services.points.earning.earn import Earn, Earned, earn
from services.points.earning.publish_rule import PublishRule, publish_rule
from services.points.earning.tables import Deed
from services.points.exchange.make_quote import AskQuote, make_quote
from services.points.exchange.release_quote import release_quote
from services.points.exchange.rules import BASIS, Terms
from services.points.exchange.tables import Quote
from services.points.ledger.post import post
from services.points.ledger.rules import AlreadyPosted, AssetClass, NotEnoughPoints, hold_of, resident
from services.points.ledger.tables import Account
from services.points.limits.rules import BudgetBelowIssued, CapReached, Direction, OverBudget, Period
from services.points.limits.set_limit import SetBudget, SetCap, set_limit
from services.points.limits.tables import Budget
from services.points.merchants.tables import Merchant
from services.points.redemptions.redeem import Captured, Redeem, redeem
from shared.clock import local_day
from shared.database import Database
from shared.errors import Refusal
from tests.points.book import DONGJIANG, QINGBO, allow, broken, grant
from tests.points.exchange.town import agree

NOW = datetime.now(UTC)
YEAR = local_day(NOW).year
WANGJIANG = "330102002001"
CODES = (QINGBO, WANGJIANG, DONGJIANG)
RESIDENT, SHOP = uuid.uuid4(), uuid.uuid4()


@pytest.fixture
async def district(points: Database) -> Database:
    """Three communities with rules and budgets, two of them of one district, and a shop."""
    async with points.transaction() as session:
        session.add_all(Community(community_code=code, name=code) for code in CODES)
        session.add(Merchant(merchant_id=SHOP, community_code=QINGBO, name="清波早餐店"))
        await allow(session, *CODES, years=[YEAR - 1, YEAR, YEAR + 1])
        await agree(session, Terms(BASIS, 0), there=(WANGJIANG, QINGBO), now=NOW)
        for code in CODES:
            for activity, asset_class in (("volunteering", AssetClass.SERVICE), ("waste", AssetClass.BASIC)):
                rule = PublishRule(code, activity, asset_class, 1, 1, 1000, 24, NOW - timedelta(days=90), "staff:li")
                await publish_rule(session, rule)
    return points


def deed(quantity: int, code: str = QINGBO, *, activity: str = "volunteering", at: datetime = NOW) -> Earn:
    return Earn(code, activity, uuid.uuid4().hex, RESIDENT, quantity, at, {})


async def cap(
    points: Database,
    points_max: int | None,
    direction: Direction = Direction.EARN,
    *,
    period: Period = Period.DAY,
    area: str = "330102",
    activity: str = "",
) -> None:
    async with points.transaction() as session:
        await set_limit(session, SetCap(area, direction, activity, period, points_max))


async def earn_all(points: Database, *deeds: Earn) -> list[int | type[Refusal]]:
    async with points.transaction() as session:
        outcomes = await earn(session, deeds, now=NOW)
    return [one.points if isinstance(one, Earned) else type(one) for one in outcomes]


async def ask(points: Database, price: int, code: str = QINGBO, *, now: datetime = NOW) -> Quote | type[Refusal]:
    """Ask for a quote; returns it, or why it is refused."""
    try:
        async with points.transaction() as session:
            return await make_quote(session, AskQuote(RESIDENT, code, SHOP, price), now=now)
    except Refusal as refusal:
        return type(refusal)


async def pay(points: Database, price: int, code: str = QINGBO, *, now: datetime = NOW) -> type[Captured | Refusal]:
    """Quote and execute, each in a transaction of its own, as a till does."""
    quoted = await ask(points, price, code, now=now)
    if not isinstance(quoted, Quote):
        return quoted
    async with points.transaction() as session:
        [outcome] = await redeem(session, [Redeem(RESIDENT, quoted.quote_id, AssetClass.SERVICE)], now=now)
    return type(outcome)


async def test_what_is_above_a_cap_over_a_district_is_not_earned_in_any_of_its_communities(district: Database) -> None:
    await cap(district, 50)
    outcomes = await earn_all(
        district, deed(30), deed(30, WANGJIANG), deed(5, WANGJIANG), deed(30, DONGJIANG), deed(9, activity="waste")
    )
    assert outcomes == [30, 20, CapReached, 30, 9]
    assert await earn_all(district, deed(1), deed(40, at=NOW - timedelta(days=1))) == [CapReached, 40]
    await cap(district, None)
    assert await earn_all(district, deed(1)) == [1]


async def test_caps_by_week_month_and_activity_hold_beside_each_other(district: Database) -> None:
    monday = NOW - timedelta(days=local_day(NOW).weekday() + 21)  # in China, where a week begins
    await cap(district, 60, period=Period.WEEK)
    await cap(district, 500, period=Period.MONTH, area=QINGBO, activity="waste")
    outcomes = [
        await earn_all(district, deed(50, at=monday), deed(50, WANGJIANG, at=monday + timedelta(days=6))),
        await earn_all(district, deed(50, at=monday + timedelta(days=7))),
        await earn_all(district, deed(400, activity="waste"), deed(400, activity="waste")),
    ]
    assert outcomes == [[50, 10], [50], [400, 100]]


async def test_what_has_earned_before_takes_no_room_and_a_deed_twice_in_a_set_takes_it_once(district: Database) -> None:
    await cap(district, 50)
    once = deed(30)
    assert await earn_all(district, once, once, deed(20)) == [30, AlreadyPosted, 20]
    assert await earn_all(district, once) == [AlreadyPosted]
    async with district.transaction() as session:
        assert await session.scalar(select(Budget.issued).where(Budget.issued > 0)) == 50


@pytest.mark.proves("P26")
async def test_64_workers_pass_no_cap_across_communities_earning_spending_or_holding(district: Database) -> None:
    """Each worker earns in one of two communities, then spends there, then holds there: all at once, at the edge."""
    await cap(district, 500)
    await cap(district, 300, period=Period.MONTH, activity="volunteering")
    earned = await asyncio.gather(*(earn_all(district, deed(7, CODES[n % 2])) for n in range(64)))
    granted = [points for [points] in earned if isinstance(points, int)]
    assert sum(granted) == 300
    assert sum(one == [CapReached] for one in earned) == 64 - len(granted)
    await cap(district, 200, Direction.SPEND, period=Period.WEEK)
    await cap(district, 170, Direction.SPEND)
    async with district.transaction() as session:
        for code in CODES[:2]:
            await grant(session, RESIDENT, 1000, community_code=code)
        held = (WANGJIANG, AssetClass.SERVICE, resident(RESIDENT))
        await post(session, [[hold_of(held, "till", 37, NOW + timedelta(seconds=1))]], now=NOW)
    paid = await asyncio.gather(*(pay(district, 11, CODES[n % 2]) for n in range(64)))
    assert paid.count(Captured) == (170 - 37) // 11
    assert paid.count(CapReached) == 64 - (170 - 37) // 11
    later = NOW + timedelta(seconds=2)  # the hold is over, and counts no more; the day is not
    again = [await pay(district, 11, now=later) for _ in range(4)]
    assert again.count(Captured) == 170 // 11 - (170 - 37) // 11
    async with district.transaction() as session:
        assert await broken(session) == []


async def test_a_quote_that_comes_to_nothing_takes_no_room_and_one_that_is_executed_takes_it_once(
    district: Database,
) -> None:
    await cap(district, 100, Direction.SPEND)
    async with district.transaction() as session:
        await grant(session, RESIDENT, 110)
    assert await pay(district, 111) is CapReached
    assert await pay(district, 60) is Captured
    quoted = await ask(district, 40)
    assert isinstance(quoted, Quote)
    assert await pay(district, 1) is CapReached
    async with district.transaction() as session:
        await release_quote(session, RESIDENT, quoted.quote_id, now=NOW)
    await cap(district, 500, Direction.SPEND)
    assert await pay(district, 51) is NotEnoughPoints
    assert await pay(district, 50) is Captured


async def test_what_was_spent_yesterday_leaves_room_today(district: Database) -> None:
    await cap(district, 100, Direction.SPEND)
    async with district.transaction() as session:
        await grant(session, RESIDENT, 500)
    assert await pay(district, 100) is Captured
    assert await pay(district, 60) is CapReached
    assert await pay(district, 100, now=NOW + timedelta(days=1)) is Captured


async def test_64_workers_grant_no_more_than_the_budget(district: Database) -> None:
    async with district.transaction() as session:
        await set_limit(session, SetBudget(QINGBO, YEAR, 100))

    async def attempt() -> list[int | type[Refusal]]:
        return await earn_all(district, Earn(QINGBO, "volunteering", uuid.uuid4().hex, uuid.uuid4(), 9, NOW, {}))

    outcomes = await asyncio.gather(*(attempt() for _ in range(64)))
    assert (outcomes.count([9]), outcomes.count([OverBudget])) == (11, 53)
    async with district.transaction() as session:
        assert await _issued(session) == 99 == await session.scalar(select(func.sum(Deed.points)))
        assert await session.scalar(select(func.sum(Account.balance))) == 99
    with pytest.raises(BudgetBelowIssued):
        async with district.transaction() as session:
            await set_limit(session, SetBudget(QINGBO, YEAR, 98))


async def _issued(session: AsyncSession) -> int | None:
    return await session.scalar(select(Budget.issued).where(Budget.community_code == QINGBO, Budget.year == YEAR))
