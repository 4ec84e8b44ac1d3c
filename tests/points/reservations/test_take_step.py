"""Each step of a payment, in the book: taken once, and answered each time."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from services.points.communities.consumers import note_community
from services.points.limits.rules import Direction, Period
from services.points.limits.set_limit import SetCap, set_limit
from services.points.reservations.consumers import take_step
from shared.database import Database
from shared.events.operations import CommunityRegistered
from shared.events.scenarios import PaymentStepRequested
from tests.points.book import QINGBO, broken, freeze, grant
from tests.told import told

ONE, BOOKING = uuid.uuid4(), uuid.uuid4()
SOON = timedelta(minutes=20)


async def ask(
    points: Database, *steps: str, worth: int = 30, left: timedelta = SOON, booking: uuid.UUID = BOOKING
) -> list[str | None]:
    """Ask for steps one by one; returns why each was refused, if it was."""
    until = datetime.now(UTC) + left
    for step in steps:
        facts = {"booking_id": booking, "resident_id": ONE, "step": step, "points": worth, "hold_until": until}
        async with points.transaction() as session:
            await take_step(session, PaymentStepRequested(community_code=QINGBO, **facts))
    async with points.transaction() as session:
        assert await broken(session) == []
    answers = await told(points, "points.payment-step-answered.v1")
    assert [one["accepted"] for one in answers] == [one["reason"] is None for one in answers]
    return [one["reason"] for one in answers[-len(steps) :]]


@pytest.fixture(autouse=True)
async def fifty(points: Database) -> None:
    """Give the resident 50 points."""
    async with points.transaction() as session:
        await note_community(session, CommunityRegistered(community_code=QINGBO, name="清波门社区"))
        await grant(session, ONE, 50)


async def test_points_are_held_captured_and_given_back_once_each(points: Database) -> None:
    assert await ask(points, "hold", "hold", "capture", "capture", "refund", "refund", "release") == [None] * 7
    assert await ask(points, "hold", worth=51) == [None]  # it was held before; nothing is held twice


async def test_what_is_not_there_or_comes_too_late_is_refused(points: Database) -> None:
    assert await ask(points, "hold", worth=51) == ["not-enough-points"]
    assert await ask(points, "hold", left=timedelta()) == ["hold-over"]
    assert await ask(points, "hold", "release", "capture") == [None, None, "hold-closed"]


async def test_what_was_never_captured_has_nothing_to_give_back(points: Database) -> None:
    assert await ask(points, "refund") == [None]


async def test_what_is_frozen_or_above_a_cap_is_not_held_and_what_is_held_counts_once(points: Database) -> None:
    async with points.transaction() as session:
        await set_limit(session, SetCap(QINGBO, Direction.SPEND, "", Period.DAY, 40))
    assert await ask(points, "hold", worth=41) == ["cap-reached"]
    assert await ask(points, "hold", "hold", "capture") == [None] * 3
    async with points.transaction() as session:
        await freeze(session, f"resident:{ONE}")
    assert await ask(points, "hold") == [None]  # it was held, and is paid for
    assert await ask(points, "hold", worth=1, booking=uuid.uuid4()) == ["frozen"]
