"""The rush: many want the same slots at once."""

import asyncio
import uuid
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.rules import SlotTaken
from services.scenarios.bookings.tables import Booking
from services.scenarios.spaces.rules import Period
from services.scenarios.spaces.tables import Space
from shared.database import Database
from shared.events.scenarios import BookingConfirmed
from tests.scenarios.conftest import CLIENTS, PublishSpaceNamed
from tests.scenarios.people import NOW, clock, oneself, resident
from tests.scenarios.told import told

SLOTS = 150
SLOTS_A_DAY = 14


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


async def test_of_24_clients_on_each_of_150_free_slots_exactly_one_wins_and_none_deadlocks(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space = await publish_named("会议室")
    for period in slots():
        results = await asyncio.gather(*(attempt(database, space, period) for _ in range(CLIENTS)))
        assert Counter(results) == {"won": 1, "taken": CLIENTS - 1}
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Booking)) == SLOTS
    assert len(await told(database, BookingConfirmed.type)) == SLOTS
