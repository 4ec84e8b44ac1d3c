"""The workers of a payment's saga die at each of its steps; points are paid once, given back once, or never held."""

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from services.points.communities.consumers import note_community
from services.points.expiry.close_holds import close_holds
from services.points.ledger.post import post
from services.points.worker import TIDYING
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.cancel import Cancel, cancel
from services.scenarios.bookings.tables import Booking
from services.scenarios.spaces.publish_space import PublishSpace, publish_space
from services.scenarios.spaces.rules import Opening, Terms
from services.scenarios.spaces.tables import Space
from services.scenarios.tariffs.pay import Pay, pay
from services.scenarios.tariffs.rules import Tariff, state_of
from services.scenarios.tariffs.set_tariff import SetTariff, set_tariff
from services.scenarios.tariffs.tables import Payment
from shared.database import Database
from shared.events.operations import CommunityRegistered
from tests.faults.saga import DEATHS, Workers, workers
from tests.ground import MakeDatabase
from tests.points.book import broken, granting
from tests.scenarios.conftest import register
from tests.scenarios.people import COMMUNITY, OPERATOR, oneself, resident, tomorrow

PATIENCE_S = 60
OLDEST_S = 60
TERMS = Terms(tuple(Opening(day, 480, 1320) for day in range(1, 8)), 30, 0, 120)
PRICE = Tariff(fen_per_hour=3_000, fen_cap=5_000, points_per_hour=20, points_cap=30, free_for=frozenset())
BALANCES = text(
    "SELECT owner, sum(amount)::int AS points FROM entry JOIN account USING (community_code, account_id) GROUP BY owner"
)
HELD = text("SELECT count(*) FROM hold WHERE closed_as IS NULL")


@dataclass
class World:
    """The two services of the saga, and a space that takes points."""

    points: Database
    scenarios: Database
    workers: Workers
    space: Space

    async def begin(self, who: uuid.UUID, hour: int) -> Booking:
        """Hold an hour for a resident and begin to pay it."""
        now = datetime.now(UTC)
        async with self.scenarios.transaction() as session:
            booking = await book(
                session, Book(self.space.id, tomorrow(hour), oneself(who), resident(who), now, hold=True)
            )
            await pay(session, Pay(booking.id, "app", None, resident(who), now))
        return booking

    async def give_up(self, booking: Booking) -> None:
        """Cancel a booking."""
        command = Cancel(booking.id, "app", None, resident(booking.resident_id), datetime.now(UTC))
        async with self.scenarios.transaction() as session:
            await cancel(session, command)

    async def die_at(self, step: str) -> None:
        """Let the workers run until they kill themselves at a step."""
        await self.workers.start(step)
        assert await asyncio.wait_for(self.workers.ended(), PATIENCE_S) == -signal.SIGKILL, step

    async def state(self, booking: Booking) -> tuple[str, str]:
        """Return the states of a booking and of its payment."""
        async with self.scenarios.transaction() as session:
            payment = await session.get_one(Payment, (COMMUNITY, booking.id))
            state = (await session.get_one(Booking, (COMMUNITY, booking.id))).state
        return state, "waiting" if payment.waiting else state_of(payment.done, undoing=payment.undoing)

    async def come_to(self, expected: dict[str, tuple[str, str]], bookings: dict[str, Booking]) -> None:
        """Let the workers run until all is as expected."""
        pid = await self.workers.start()
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if {name: await self.state(bookings[name]) for name in expected} == expected:
                    break
                await asyncio.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        await self.workers.ended()

    async def balances(self) -> dict[str, int]:
        """Return what each has in the book, which must hold together."""
        async with self.points.transaction() as session:
            assert await broken(session) == []
            return {row.owner: row.points for row in await session.execute(BALANCES)}


@pytest.fixture
async def world(make_database: MakeDatabase) -> AsyncIterator[World]:
    """Make both services, with a space that costs 20 points an hour."""
    made = await make_database("points"), await make_database("scenarios")
    points, scenarios = (Database(each.app, name="test", pool_size=4) for each in made)
    await register(scenarios)
    async with points.transaction() as session:
        await note_community(session, CommunityRegistered(community_code=COMMUNITY, name="东江社区"))
    async with scenarios.transaction() as session:
        command = PublishSpace(COMMUNITY, "羽毛球馆", TERMS, OPERATOR, datetime.now(UTC))
        space = await publish_space(session, command)
        await set_tariff(session, SetTariff(space.id, PRICE, OPERATOR))
    async with workers(*made) as ready:
        yield World(points, scenarios, ready, space)
    for database in (points, scenarios):
        await database.close()


async def people(world: World, **points: int) -> dict[str, uuid.UUID]:
    """Make residents who have earned so many points."""
    made = {name: uuid.uuid4() for name in points}
    grants = [[granting(made[name], count, community_code=COMMUNITY)] for name, count in points.items() if count]
    async with world.points.transaction() as session:
        await post(session, grants, now=datetime.now(UTC))
    return made


@pytest.mark.proves("S12", "R9")
async def test_a_payment_survives_the_death_of_its_workers_at_each_step(world: World) -> None:
    who = await people(world, keeps=50, cancels=50, changes=50, poor=19)
    bookings = {name: await world.begin(who[name], hour) for name, hour in zip(who, range(9, 17, 2), strict=True)}
    await world.give_up(bookings["changes"])  # while its points are asked for: they come, and go back
    for step in [one for one in DEATHS if not one.endswith("refund")]:
        await world.die_at(step)
    paid = {"keeps": ("confirmed", "paid"), "cancels": ("confirmed", "paid")}
    refused = {"changes": ("cancelled", "unpaid"), "poor": ("held", "unpaid")}
    await world.come_to(paid | refused, bookings)
    await world.give_up(bookings["cancels"])
    for step in [one for one in DEATHS if one.endswith("refund")]:
        await world.die_at(step)
    await world.come_to({"cancels": ("cancelled", "unpaid")}, bookings)
    balances = await world.balances()
    left = {name: balances[f"resident:{one}"] for name, one in who.items()}
    assert (left, balances["pool"]) == ({"keeps": 30, "cancels": 50, "changes": 50, "poor": 19}, 20)
    async with world.points.transaction() as session:
        assert await session.scalar(HELD) == 0
    # Scenarios never comes back: what it has held is over by its own deadline, and closed within the minute.
    await a_hold_without_its_saga(world)


async def a_hold_without_its_saga(world: World) -> None:
    """Hold points, let nobody capture or release them, and look at them when the tidier has come by."""
    (one,) = (await people(world, lonely=50)).values()
    booking = await world.begin(one, 18)
    await world.die_at("take_step hold")
    await world.die_at("note_answer hold")
    async with world.points.transaction() as session:
        assert await session.scalar(HELD) == 1
        deadline = await session.scalar(text("SELECT expires_at FROM hold WHERE closed_as IS NULL"))
    assert booking.expires_at
    assert deadline == booking.expires_at + timedelta(minutes=10)
    tidier = next(job for job in TIDYING if job.name == "close-holds")
    assert 2 * tidier.every_s < OLDEST_S
    async with world.points.transaction() as session:
        await close_holds(session, now=deadline + timedelta(seconds=tidier.every_s))
    assert (await world.balances())[f"resident:{one}"] == 50
    async with world.points.transaction() as session:
        assert await session.scalar(HELD) == 0
