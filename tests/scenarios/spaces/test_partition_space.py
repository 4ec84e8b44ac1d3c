"""Spaces that are made of others, and spaces that are divided."""

import asyncio
import uuid
from collections import Counter

import pytest
from sqlalchemy import select, text

from services.scenarios.availability.queries import find_free
from services.scenarios.availability.rules import SlotTaken
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.cancel import Cancel, cancel
from services.scenarios.bookings.tables import Booking
from services.scenarios.claims.tables import Claim
from services.scenarios.spaces.partition_space import PartitionSpace, partition_space
from services.scenarios.spaces.publish_space import PublishSpace, publish_space
from services.scenarios.spaces.queries import find_space
from services.scenarios.spaces.retire_space import RetireSpace, retire_space
from services.scenarios.spaces.rules import PartsInadmissible, SpaceComposite, SpaceRetired, SpaceUnseen, Terms
from services.scenarios.spaces.tables import Space
from shared.clock import Period
from shared.database import Database
from shared.errors import OutOfScope
from tests.scenarios.conftest import PublishSpaceNamed
from tests.scenarios.people import COMMUNITY, NEXT_COMMUNITY, NEXT_DESK, NOW, OPERATOR, clock, oneself, resident

NINE: Period = (clock(1, 9), clock(1, 10))
NOON: Period = (clock(1, 12), clock(1, 13))
CLIENTS = 32
UNCLAIMED = text("""
    SELECT count(*) FROM booking b JOIN space s ON s.id = b.space_id, unnest(s.unit_ids) unit
    WHERE NOT EXISTS (SELECT FROM claim c
        WHERE c.booking_id = b.id AND c.unit_id = unit AND c.state = 'taken'
          AND c.period @> tstzrange(b.starts_at, b.ends_at))
""")


async def take(database: Database, space: Space, period: Period) -> Booking | None:
    who = uuid.uuid4()
    try:
        async with database.transaction() as session:
            return await book(session, Book(space.id, period, oneself(who), resident(who), NOW))
    except SlotTaken:
        return None


async def divide(database: Database, space: Space, terms: Terms, *names: str) -> list[Space]:
    async with database.transaction() as session:
        command = PartitionSpace(space.id, tuple((name, terms) for name in names), OPERATOR, NOW)
        return list(await partition_space(session, command))


async def find(database: Database, space: Space) -> Space:
    async with database.transaction() as session:
        return await find_space(session, space.id)


async def test_a_hall_is_taken_with_either_half_and_both_halves_with_the_hall(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    left, right = await publish_named("东厅"), await publish_named("西厅")
    hall = await publish_named("礼堂", left, right)
    assert sorted(hall.unit_ids) == sorted([*left.unit_ids, *right.unit_ids])
    assert await take(database, left, NINE)
    assert await take(database, hall, NINE) is None
    assert await take(database, right, NINE)
    assert await take(database, hall, NOON)
    assert await take(database, left, NOON) is None
    assert await take(database, right, NOON) is None


async def test_who_fails_to_get_a_hall_has_not_got_a_half_of_it(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    segments = [await publish_named(f"路段{n}") for n in range(4)]
    road = await publish_named("长街", *segments)
    assert await take(database, segments[3], NINE)
    assert await take(database, road, NINE) is None
    for segment in segments[:3]:
        assert await take(database, segment, NINE)


async def test_a_cancelled_hall_leaves_both_halves_free(database: Database, publish_named: PublishSpaceNamed) -> None:
    left, right = await publish_named("东厅"), await publish_named("西厅")
    hall = await publish_named("礼堂", left, right)
    made = await take(database, hall, NINE)
    assert made
    async with database.transaction() as session:
        await cancel(session, Cancel(made.id, "app", None, resident(made.resident_id), NOW))
    async with database.transaction() as session:
        free = await find_free(session, left.id, (clock(1, 8), clock(1, 12)), NOW)
    assert free == [(clock(1, 8), clock(1, 12))]
    assert await take(database, left, NINE)
    assert await take(database, right, NINE)


@pytest.mark.proves("S2")
async def test_a_hall_is_divided_while_32_are_booking_it_and_all_that_stands_is_kept(
    database: Database, publish_named: PublishSpaceNamed, terms: Terms
) -> None:
    hall = await publish_named("礼堂")
    periods = [(clock(day, hour), clock(day, hour + 1)) for day in range(2, 10) for hour in (8, 10, 12, 14)]
    live = await take(database, hall, NINE)
    work = [take(database, hall, period) for period in periods[: CLIENTS - 1]]
    booked, halves = await asyncio.gather(asyncio.gather(*work), divide(database, hall, terms, "东厅", "西厅"))
    assert all(booked), "nobody lost a free slot to the division"
    async with database.transaction() as session:
        assert await session.scalar(UNCLAIMED) == 0
    assert live
    for half in halves:
        assert await take(database, half, NINE) is None, "the hall was booked, so is each half"
        assert await take(database, half, NOON)
    assert await take(database, hall, NOON) is None
    assert len((await find(database, hall)).unit_ids) == 2
    # Thirds beside halves: divide the halves, and put a part of each together.
    east = await divide(database, halves[0], terms, "东一", "东二")
    west = await divide(database, halves[1], terms, "西一", "西二")
    middle = await publish_named("中厅", east[1], west[0])
    assert await take(database, middle, NINE) is None
    assert await take(database, middle, (clock(1, 15), clock(1, 16)))
    assert [await take(database, s, (clock(1, 15), clock(1, 16))) for s in (*halves, hall, east[1])] == [None] * 4
    assert await take(database, east[0], (clock(1, 15), clock(1, 16)))
    async with database.transaction() as session:
        assert await session.scalar(UNCLAIMED) == 0


async def test_what_was_booked_is_given_back_in_all_parts(
    database: Database, publish_named: PublishSpaceNamed, terms: Terms
) -> None:
    hall = await publish_named("礼堂")
    made = await take(database, hall, NINE)
    parts = await divide(database, hall, terms, "东厅", "西厅")
    assert made
    async with database.transaction() as session:
        await cancel(session, Cancel(made.id, "app", None, resident(made.resident_id), NOW))
    assert all([await take(database, part, NINE) for part in parts])
    async with database.transaction() as session:
        states = Counter(await session.scalars(select(Claim.state)))
    assert states == {"released": 3, "taken": 2}


async def test_refusals_to_put_together_divide_and_retire(
    database: Database, publish_named: PublishSpaceNamed, terms: Terms
) -> None:
    left, right = await publish_named("东厅"), await publish_named("西厅")
    hall = await publish_named("礼堂", left, right)
    two = (("甲", terms), ("乙", terms))
    async with database.transaction() as session:
        for part_ids in ((left.id,), (left.id, uuid.uuid4()), (left.id, hall.id)):
            with pytest.raises(PartsInadmissible):
                await publish_space(session, PublishSpace(COMMUNITY, "厅", terms, OPERATOR, NOW, part_ids))
        with pytest.raises(PartsInadmissible):
            await publish_space(session, PublishSpace(NEXT_COMMUNITY, "厅", terms, OPERATOR, NOW, (left.id, right.id)))
        with pytest.raises(SpaceComposite):
            await partition_space(session, PartitionSpace(hall.id, two, OPERATOR, NOW))
        with pytest.raises(SpaceUnseen):
            await partition_space(session, PartitionSpace(uuid.uuid4(), two, OPERATOR, NOW))
        for by in (NEXT_DESK, resident(uuid.uuid4())):
            with pytest.raises(OutOfScope):
                await partition_space(session, PartitionSpace(left.id, two, by, NOW))
            with pytest.raises(OutOfScope):
                await retire_space(session, RetireSpace(left.id, by, NOW))


async def test_a_retired_space_takes_no_bookings_and_keeps_those_that_stand(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    left, right = await publish_named("东厅"), await publish_named("西厅")
    hall = await publish_named("礼堂", left, right)
    assert await take(database, left, NINE)
    async with database.transaction() as session:
        first = await retire_space(session, RetireSpace(left.id, OPERATOR, NOW))
        again = await retire_space(session, RetireSpace(left.id, OPERATOR, clock(2, 8)))
    assert first.retired_at == again.retired_at == NOW
    with pytest.raises(SpaceRetired):
        await take(database, left, NOON)
    with pytest.raises(PartsInadmissible):
        await publish_named("前厅", left, right)
    assert await take(database, hall, NINE) is None
    assert await take(database, hall, NOON)
