"""Closing a space for a while."""

import asyncio
import uuid

import pytest

from services.scenarios.availability.queries import find_free
from services.scenarios.availability.rules import OutsideOpeningHours, PeriodReversed, SlotTaken
from services.scenarios.bookings.book import Book, book
from services.scenarios.closures.close_space import CloseSpace, close_space
from services.scenarios.closures.lift_closure import LiftClosure, lift_closure
from services.scenarios.closures.rules import ClosureUnseen
from services.scenarios.closures.tables import Closure
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.explain import explain
from services.scenarios.timetable.rules import BookingsInTheWay, SpaceClosed
from shared.clock import Period
from shared.database import Database
from shared.errors import OutOfScope
from tests.scenarios.conftest import PublishSpaceNamed
from tests.scenarios.people import NEXT_DESK, NOW, OPERATOR, clock, oneself, resident

NOON: Period = (clock(2, 12), clock(2, 14, 10))


async def close(database: Database, space: Space, period: Period = NOON) -> Closure:
    async with database.transaction() as session:
        return await close_space(session, CloseSpace(space.id, period, "地面检修", OPERATOR, NOW))


async def take(database: Database, space: Space, period: Period) -> None:
    who = uuid.uuid4()
    async with database.transaction() as session:
        await book(session, Book(space.id, period, oneself(who), resident(who), NOW))


async def free(database: Database, space: Space) -> list[Period]:
    async with database.transaction() as session:
        return await find_free(session, space.id, (clock(2, 0), clock(3, 0)), NOW)


async def test_a_closure_cuts_the_day_and_the_slots_stay_where_they_were(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    left, right = await publish_named("东厅"), await publish_named("西厅")
    hall = await publish_named("礼堂", left, right)
    closure = await close(database, left)
    open_still = [(clock(2, 8), clock(2, 12)), (clock(2, 14, 30), clock(2, 22))]
    assert await free(database, left) == await free(database, hall) == open_still
    assert await free(database, right) == [(clock(2, 8), clock(2, 22))]
    with pytest.raises(OutsideOpeningHours):
        await take(database, hall, (clock(2, 13), clock(2, 14)))
    async with database.transaction() as session:
        await lift_closure(session, LiftClosure(closure.id, OPERATOR, NOW))
        again = await lift_closure(session, LiftClosure(closure.id, OPERATOR, clock(2, 0)))
    assert again.lifted_at == NOW
    assert await free(database, left) == await free(database, hall) == [(clock(2, 8), clock(2, 22))]


async def test_nothing_is_closed_over_the_head_of_who_has_booked(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    left, right = await publish_named("东厅"), await publish_named("西厅")
    hall = await publish_named("礼堂", left, right)
    await take(database, hall, (clock(2, 13), clock(2, 14)))
    with pytest.raises(BookingsInTheWay) as refused:
        await close(database, left)
    assert (refused.value.count, len(refused.value.booking_ids)) == (1, 1)
    assert await free(database, right) == [(clock(2, 8), clock(2, 12, 30)), (clock(2, 14, 30), clock(2, 22))]


async def test_many_who_close_a_space_at_once_all_do(database: Database, publish_named: PublishSpaceNamed) -> None:
    space = await publish_named("会议室")
    closed = await asyncio.gather(*(close(database, space) for _ in range(8)))
    assert len({closure.id for closure in closed}) == 8


async def test_all_reasons_are_told_with_what_could_be_had_instead(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space, other = await publish_named("会议室"), await publish_named("书房")
    await close(database, space)
    await take(database, space, (clock(2, 11), clock(2, 11, 30)))
    async with database.transaction() as session:
        assert await explain(session, space.id, (clock(2, 9), clock(2, 10)), "base", NOW) == []
        reasons = await explain(session, space.id, (clock(2, 11), clock(2, 13)), "base", NOW)
    assert [type(reason) for reason in reasons] == [OutsideOpeningHours, SpaceClosed, SlotTaken]
    assert "地面检修" in reasons[1].detail.format(**reasons[1].facts())
    assert reasons[2].facts()["alternatives"]["same_time"] == [{"space_id": str(other.id), "name": "书房"}]


async def test_refusals_to_close_and_to_lift(database: Database, publish_named: PublishSpaceNamed) -> None:
    space = await publish_named("会议室")
    closure = await close(database, space)
    async with database.transaction() as session:
        with pytest.raises(OutOfScope):
            await close_space(session, CloseSpace(space.id, NOON, "检修", NEXT_DESK, NOW))
        with pytest.raises(PeriodReversed):
            await close_space(session, CloseSpace(space.id, (NOON[1], NOON[0]), "检修", OPERATOR, NOW))
        with pytest.raises(OutOfScope):
            await lift_closure(session, LiftClosure(closure.id, NEXT_DESK, NOW))
        with pytest.raises(ClosureUnseen):
            await lift_closure(session, LiftClosure(uuid.uuid4(), OPERATOR, NOW))
