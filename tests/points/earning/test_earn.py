"""Earning, on a real book."""

import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.rules import CommunityUnknown
from services.points.communities.tables import Community
from services.points.earning.consumers import deed_of, earn_by_attendance
from services.points.earning.earn import Earn, Earned, earn
from services.points.earning.publish_rule import PublishRule, publish_rule
from services.points.earning.rules import EarnsNothing, NoEarningRule, NotYetDone
from services.points.earning.tables import Deed, EarningRule
from services.points.ledger.rules import AlreadyPosted, AssetClass
from services.points.ledger.tables import Lot
from shared.database import Database
from shared.errors import unless_refused
from shared.events.scenarios import AttendanceCompleted
from shared.outbox import OutboxRow
from tests.points.book import QINGBO, allow, broken

NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)
RESIDENT = uuid.uuid4()


def rule(points: int = 10, *, since: datetime = NOW - timedelta(days=30)) -> PublishRule:
    return PublishRule(QINGBO, "volunteering", AssetClass.SERVICE, points, 60, 50, 24, since, "staff:li")


def deed(quantity: int = 120, *, reference: str = "d1", at: datetime = NOW) -> Earn:
    return Earn(QINGBO, "volunteering", reference, RESIDENT, quantity, at, {"sheet": 7})


async def earn_one(session: AsyncSession, command: Earn, *, now: datetime) -> Earned:
    [outcome] = await earn(session, [command], now=now)
    return unless_refused(outcome)


async def publish(points: Database, *rules: PublishRule) -> None:
    async with points.transaction() as session:
        await session.merge(Community(community_code=QINGBO, name="清波门社区"))
        await allow(session)
        for each in rules:
            await publish_rule(session, each)


async def test_a_deed_earns_by_its_rule_in_a_lot_that_expires_at_a_months_end(points: Database) -> None:
    await publish(points, rule())
    async with points.transaction() as session:
        earned = await earn_one(session, deed(), now=NOW)
        assert (earned.points, earned.rule_version) == (20, 1)
    async with points.transaction() as session:
        lot = (await session.scalars(select(Lot))).one()
        assert (lot.remaining, lot.activity, lot.expires_on) == (20, "volunteering", date(2028, 6, 30))
        assert await session.scalar(select(OutboxRow.type)) == "points.points-earned.v1"
        assert await broken(session) == []


async def test_an_old_deed_earns_under_its_old_rule(points: Database) -> None:
    await publish(points, rule(10), rule(30, since=NOW))
    async with points.transaction() as session:
        old = await earn_one(session, deed(60, reference="old", at=NOW - timedelta(days=1)), now=NOW)
        new = await earn_one(session, deed(60, reference="new"), now=NOW)
        assert (old.points, new.points) == (10, 30)


async def test_a_deed_earns_once(points: Database) -> None:
    await publish(points, rule())

    async def attempt() -> bool:
        try:
            async with points.transaction() as session:
                await earn_one(session, deed(), now=NOW)
        except AlreadyPosted:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(32)))) == 1
    async with points.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Deed)) == 1


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (deed(at=NOW - timedelta(days=31)), NoEarningRule),
        (deed(5), EarnsNothing),
        (deed(at=NOW + timedelta(minutes=6)), NotYetDone),
    ],
)
async def test_what_earns_nothing_is_refused(points: Database, command: Earn, refusal: type[Exception]) -> None:
    await publish(points, rule())
    with pytest.raises(refusal):
        async with points.transaction() as session:
            await earn_one(session, command, now=NOW)


async def test_a_rule_needs_a_community_that_takes_part(points: Database) -> None:
    with pytest.raises(CommunityUnknown):
        async with points.transaction() as session:
            await publish_rule(session, rule())


async def test_32_rules_published_at_once_get_32_versions(points: Database) -> None:
    await publish(points)

    async def attempt() -> None:
        async with points.transaction() as session:
            await publish_rule(session, rule())

    await asyncio.gather(*(attempt() for _ in range(32)))
    async with points.transaction() as session:
        assert sorted(await session.scalars(select(EarningRule.version))) == list(range(1, 33))


def attendance(kind: str = "volunteering", *, attendance_id: uuid.UUID | None = None) -> AttendanceCompleted:
    return AttendanceCompleted(
        community_code=QINGBO,
        attendance_id=attendance_id or uuid.uuid4(),
        activity_id=uuid.uuid4(),
        activity_kind=kind,
        resident_id=RESIDENT,
        resident_community_code=QINGBO,
        checked_in_at=NOW - timedelta(minutes=90),
        checked_out_at=NOW,
        minutes=90,
    )


async def test_attendance_earns_by_minutes_and_where_there_is_no_rule_nothing(points: Database) -> None:
    await publish(points, rule())
    for event in (attendance(), attendance("concert")):
        async with points.transaction() as session:
            await earn_by_attendance(session, [deed_of(event)])
    async with points.transaction() as session:
        assert list(await session.scalars(select(Deed.points))) == [15]


async def test_attendance_told_again_as_another_event_earns_nothing_more(points: Database) -> None:
    await publish(points, rule())
    once = uuid.uuid4()
    for _ in range(2):
        async with points.transaction() as session:
            await earn_by_attendance(session, [deed_of(attendance(attendance_id=once))])
    async with points.transaction() as session:
        assert list(await session.scalars(select(Deed.points))) == [15]
        assert await broken(session) == []
