"""Attendance comes in by sets: each earns once, and a bad one among them goes to the dead letters alone."""

import json
import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from services.points.communities.tables import Community
from services.points.earning.publish_rule import PublishRule, publish_rule
from services.points.earning.tables import Deed
from services.points.ledger.rules import AssetClass
from services.points.limits.rules import Direction, Period
from services.points.limits.set_limit import SetCap, set_limit
from services.points.worker import HANDLERS
from shared.database import Database
from shared.events.scenarios import AttendanceCompleted
from shared.inbox import DeadLetter, Inbox
from shared.log import Message
from shared.outbox import OutboxRow
from tests.points.book import QINGBO, allow, broken

NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)
RULE = PublishRule(QINGBO, "volunteering", AssetClass.SERVICE, 10, 60, 50, 24, NOW - timedelta(days=30), "staff:li")


async def with_rule(points: Database) -> None:
    async with points.transaction() as session:
        session.add(Community(community_code=QINGBO, name="清波门社区"))
        await allow(session)
        await publish_rule(session, RULE)


def told(number: int, **changed: object) -> Message:
    """An attendance as the log holds it."""
    event = AttendanceCompleted(
        community_code=QINGBO,
        attendance_id=uuid.uuid4(),
        activity_id=uuid.uuid4(),
        activity_kind="volunteering",
        resident_id=uuid.uuid4(),
        resident_community_code=QINGBO,
        checked_in_at=NOW - timedelta(minutes=90),
        checked_out_at=NOW,
        minutes=90,
    )
    value = {
        "id": str(uuid.uuid4()),
        "type": event.type,
        "traceparent": f"00-{number:032x}-{1:016x}-01",
        "data": {**event.model_dump(mode="json"), **changed},
    }
    return Message(event.topic(), event.key, json.dumps(value).encode(), (0, number))


async def test_a_bad_attendance_in_a_set_goes_to_the_dead_letters_alone(points: Database) -> None:
    await with_rule(points)
    messages = [told(number) for number in range(1, 65)]
    # The model takes it and the book cannot: what the database refuses must not take the set along.
    bad = told(99, activity_kind="volunteering", minutes=2**70)
    await Inbox("points", points, HANDLERS).take([*messages[:40], bad, *messages[40:], messages[7]])
    async with points.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Deed)) == 64
        assert await session.scalar(select(func.count()).select_from(DeadLetter)) == 1
        assert await broken(session) == []


async def test_each_deed_of_a_set_is_told_in_the_trace_of_its_attendance(points: Database) -> None:
    await with_rule(points)
    await Inbox("points", points, HANDLERS).take([told(number) for number in range(1, 33)])
    async with points.transaction() as session:
        traces = await session.scalars(select(OutboxRow.traceparent).order_by(OutboxRow.id))
        assert [int(trace.split("-")[1], 16) for trace in traces] == list(range(1, 33))


async def test_who_has_reached_a_cap_attends_for_nothing_and_that_is_no_dead_letter(points: Database) -> None:
    await with_rule(points)
    async with points.transaction() as session:
        await set_limit(session, SetCap(QINGBO, Direction.EARN, "", Period.DAY, 20))
    somebody = str(uuid.uuid4())
    await Inbox("points", points, HANDLERS).take([told(number, resident_id=somebody) for number in range(1, 5)])
    async with points.transaction() as session:
        earned = await session.scalars(select(Deed.points).order_by(Deed.points))
        assert list(earned) == [5, 15]
        assert await session.scalar(select(func.count()).select_from(DeadLetter)) == 0
        assert await broken(session) == []
