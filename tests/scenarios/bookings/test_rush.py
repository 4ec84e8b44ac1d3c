"""The rush: many want the same slots at once."""

import asyncio
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from services.scenarios.availability.rules import SlotTaken
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.tables import Booking
from services.scenarios.claims.tables import Claim
from services.scenarios.spaces.tables import Space
from shared.clock import Period
from shared.database import Database
from shared.events.scenarios import BookingConfirmed
from tests.scenarios.conftest import CLIENTS, PublishSpaceNamed
from tests.scenarios.people import NOW, clock, oneself, resident
from tests.told import told

SLOTS = 150
SLOTS_A_DAY = 14
CROWD = 1_000
DEADLOCKS = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
OVERLAPS = text("""
    SELECT count(*) FROM claim one JOIN claim two ON one.unit_id = two.unit_id AND one.id < two.id
    WHERE one.period && two.period AND one.state <> 'released' AND two.state <> 'released'
""")
CONSTRAINT = text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'claim_never_twice'")


def slots() -> list[Period]:
    """Return slots of half an hour, an hour apart, so that the buffers never meet."""
    starts = (clock(1 + n // SLOTS_A_DAY, 8) + timedelta(hours=n % SLOTS_A_DAY) for n in range(SLOTS))
    return [(start, start + timedelta(minutes=30)) for start in starts]


async def attempt(database: Database, space: Space, period: Period) -> str:
    who = uuid.uuid4()
    try:
        async with database.transaction() as session:
            await book(session, Book(space.id, period, oneself(who), resident(who), NOW))
    except SlotTaken:
        return "taken"
    return "won"


@pytest.mark.proves("S1")
async def test_of_24_clients_on_each_of_150_free_slots_exactly_one_wins_and_none_deadlocks(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space = await publish_named("会议室")
    for period in slots():
        results = await asyncio.gather(*(attempt(database, space, period) for _ in range(CLIENTS)))
        assert Counter(results) == {"won": 1, "taken": CLIENTS - 1}
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Booking)) == SLOTS
        (unit,) = set(await session.scalars(select(Claim.unit_id)))
        assert [unit] == space.unit_ids
        lengths = set(await session.scalars(select(func.upper(Claim.period) - func.lower(Claim.period))))
        assert lengths == {timedelta(minutes=45)}, "the buffer lies inside"
        assert await session.scalar(DEADLOCKS) == 0
        rule = str(await session.scalar(CONSTRAINT))
    assert rule.startswith("EXCLUDE USING gist (community_code WITH =, unit_id WITH =, period WITH &&)")
    assert len(await told(database, BookingConfirmed.type)) == SLOTS


@pytest.mark.proves("R8")
async def test_of_1000_clients_on_one_slot_one_wins(database: Database, publish_named: PublishSpaceNamed) -> None:
    space = await publish_named("会议室")
    results = await asyncio.gather(*(attempt(database, space, slots()[0]) for _ in range(CROWD)))
    assert Counter(results) == {"won": 1, "taken": CROWD - 1}


async def test_those_who_want_a_hall_and_those_who_want_its_halves_never_meet_nor_deadlock(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    left, right = await publish_named("礼堂东厅"), await publish_named("礼堂西厅")
    hall = await publish_named("礼堂", left, right)
    for period in slots()[:40]:
        wanted = [hall, left, right] * (CLIENTS // 3)
        results = await asyncio.gather(*(attempt(database, space, period) for space in wanted))
        assert Counter(results)["won"] in {1, 2}, "the hall, or both of its halves, or one if a hall was tried between"
    async with database.transaction() as session:
        assert await session.scalar(OVERLAPS) == 0
        assert await session.scalar(DEADLOCKS) == 0
