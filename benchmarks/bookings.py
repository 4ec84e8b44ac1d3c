"""The booking engine: the rush, the first free of 1,000 spaces, and a year's feed.

    DATABASE_URL=postgresql://… python -m benchmarks.bookings [--spaces 1000] [--slots 150] [--clients 24]

It makes a database of its own on that server and drops it again. Each booking is one durable transaction
(synchronous_commit on) through the verb that the API calls, with its event and its alternatives when it is refused.
Beside it stands its peer in the same run: a bare INSERT into the table with the exclusion constraint, what asking each
space for itself takes, and the rows of a feed without the feed.
"""

import argparse
import asyncio
import os
import resource
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import select
from sqlalchemy.engine import make_url

from services.scenarios.availability.queries import find_first_free, find_free
from services.scenarios.availability.rules import SlotTaken
from services.scenarios.bookings.book import Book, book
from services.scenarios.communities.consumers import note_registered
from services.scenarios.feeds.queries import items_of_space
from services.scenarios.feeds.rules import icalendar
from services.scenarios.spaces.publish_space import PublishSpace, publish_space
from services.scenarios.spaces.rules import Opening, Terms
from services.scenarios.spaces.tables import Space
from shared.assistance import OnBehalf
from shared.clock import CHINA, Period
from shared.database import Database
from shared.events.operations import CommunityRegistered
from shared.identity import Identity, Role

COMMUNITY = "330102001051"
NOW = datetime(2027, 3, 1, 7, tzinfo=CHINA)
OPERATOR = Identity("staff:bench", (Role("operator", COMMUNITY),))
TERMS = Terms(tuple(Opening(day, 480, 1320) for day in range(1, 8)), 30, 0, 120)
HOUR = timedelta(hours=1)
ROUNDS = 15
POOL = 24
BUSY_DAYS = 3
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
BARE = """INSERT INTO claim (community_code, booking_id, unit_id, period)
          SELECT $1, uuidv7(), $2, tstzrange($3, $4) ON CONFLICT DO NOTHING RETURNING booking_id"""
# As many spaces more, like the first, with its windows.
COPIES = """
    WITH made AS (INSERT INTO unit (community_code) SELECT $1 FROM generate_series(1, $2::int) RETURNING id)
    INSERT INTO space (community_code, id, name, opening_hours, slot_minutes, buffer_minutes, longest_minutes, unit_ids,
                       laid_out_until, published_by)
    SELECT s.community_code, made.id, s.name, s.opening_hours, s.slot_minutes, s.buffer_minutes, s.longest_minutes,
           ARRAY[made.id], s.laid_out_until, s.published_by
    FROM space s, made
"""
WINDOWS = """
    INSERT INTO bookable_window SELECT w.community_code, s.id, w.function, w.starts_at, w.ends_at, w.grid_from
    FROM bookable_window w JOIN space s ON s.id <> w.space_id
"""
# Four of five hours of the next days are taken in every space, another fifth in each.
BUSY = """
    WITH slot AS (
        SELECT s.community_code, s.id AS space_id, s.unit_ids[1] AS unit_id, uuidv7() AS id, $1::timestamptz
               + d * interval '1 day' + h * interval '1 hour' AS at
        FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM space) s, generate_series(0, $2::int - 1) d,
             generate_series(1, 14) h
        WHERE (s.n + h + d) % 5 <> 0
    ), booked AS (
        INSERT INTO booking (community_code, id, space_id, resident_id, starts_at, ends_at, channel, given_by)
        SELECT community_code, id, space_id, gen_random_uuid(), at, at + interval '1 hour', 'app', 'resident' FROM slot
    )
    INSERT INTO claim (community_code, booking_id, unit_id, period)
    SELECT community_code, id, unit_id, tstzrange(at, at + interval '1 hour') FROM slot
"""


# Four bookings of a space on each day of the next year.
YEAR = """
    INSERT INTO booking (community_code, id, space_id, resident_id, starts_at, ends_at, channel, given_by)
    SELECT $1, uuidv7(), $2, gen_random_uuid(), at, at + interval '1 hour', 'app', 'resident'
    FROM (SELECT $3::timestamptz + d * interval '1 day' + h * interval '3 hours' AS at
          FROM generate_series(4, 364) d, generate_series(1, 4) h) times
"""


async def attempt(database: Database, space_id: uuid.UUID, period: Period, took: list[float]) -> bool:
    """Try to book; notes how long it took, in ms, and tells whether it was got."""
    who = uuid.uuid4()
    by = Identity(f"resident:{who}", (Role("resident", COMMUNITY),))
    started = time.perf_counter()
    try:
        async with database.transaction() as session:
            await book(session, Book(space_id, period, OnBehalf(who, "app", None), by, NOW))
    except SlotTaken:
        return False
    finally:
        took.append((time.perf_counter() - started) * 1000)
    return True


async def rush(database: Database, space: Space, slots: int, clients: int) -> None:
    """Let many want each slot at once, slot after slot, and print who won."""
    took: list[float] = []
    winners: Counter[int] = Counter()
    started = time.perf_counter()
    for n in range(slots):
        start = NOW + HOUR + timedelta(days=n // 14, hours=n % 14)
        won = await asyncio.gather(*(attempt(database, space.id, (start, start + HOUR), took) for _ in range(clients)))
        winners[sum(won)] += 1
    elapsed_s = time.perf_counter() - started
    p50, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
    print(
        f"| {slots} slots × {clients} clients | {dict(winners)} | {p50:.1f} ms | {p99:.1f} ms | {max(took):.0f} ms"
        f" | {elapsed_s:.2f} s |"
    )


async def bare(url: str, space: Space, slots: int, clients: int) -> None:
    """Do the same with the bare statement, as the limit."""
    pool = await asyncpg.create_pool(url.replace("+asyncpg", ""), min_size=POOL, max_size=POOL)
    took: list[float] = []

    async def insert(start: datetime) -> None:
        began = time.perf_counter()
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.fetchval(BARE, COMMUNITY, space.unit_ids[0], start, start + HOUR)
            await transaction.rollback()
        took.append((time.perf_counter() - began) * 1000)

    started = time.perf_counter()
    for n in range(slots):
        start = NOW + timedelta(days=90 + n // 14, hours=n % 14)
        await asyncio.gather(*(insert(start) for _ in range(clients)))
    print(
        f"| bare INSERT, rolled back, the same | | {statistics.median(took):.1f} ms"
        f" | {statistics.quantiles(took, n=100)[98]:.1f} ms | {max(took):.0f} ms"
        f" | {time.perf_counter() - started:.2f} s |"
    )
    await pool.close()


async def median_ms(work: Callable[[], Awaitable[object]], rounds: int) -> float:
    """Return the median of several runs, in ms."""
    took = []
    for _ in range(rounds):
        started = time.perf_counter()
        await work()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)


async def compare(database: Database, spaces: list[Space]) -> None:
    """Print first free and a feed beside their naive peers."""

    async def soonest() -> None:
        async with database.transaction() as session:
            await find_first_free(session, COMMUNITY, NOW, HOUR, function="base", now=NOW)

    async def one_by_one() -> None:
        async with database.transaction() as session:
            for space in spaces:
                await find_free(session, space.id, (NOW, NOW + timedelta(hours=17)), NOW)

    async def rows() -> None:
        async with database.transaction() as session:
            await items_of_space(session, COMMUNITY, spaces[0].id, NOW)

    async def feed() -> None:
        async with database.transaction() as session:
            icalendar("空间", await items_of_space(session, COMMUNITY, spaces[0].id, NOW))

    print("\n| what | median | its peer | median |\n|---|---:|---|---:|")
    first, naive = await median_ms(soonest, ROUNDS), await median_ms(one_by_one, 3)
    print(
        f"| first free of {len(spaces):,} spaces, 4 of 5 hours taken | {first:.1f} ms"
        f" | each space asked | {naive:,.0f} ms |"
    )
    async with database.transaction() as session:
        size = len(await items_of_space(session, COMMUNITY, spaces[0].id, NOW))
    print(
        f"| a year's feed of a space, {size:,} bookings | {await median_ms(feed, 3):.0f} ms"
        f" | its rows | {await median_ms(rows, 5):.1f} ms |"
    )


async def measure(url: str, options: argparse.Namespace) -> None:
    """Prepare, measure and print."""
    database = Database(url, name="bench", pool_size=POOL)
    async with database.transaction() as session:
        await note_registered(session, CommunityRegistered(community_code=COMMUNITY, name="清波门社区"))
        hall = await publish_space(session, PublishSpace(COMMUNITY, "礼堂", TERMS, OPERATOR, NOW))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start; synchronous_commit on\n")
    print("| rush | winners: slots | p50 | p99 | most | all |\n|---|---|---:|---:|---:|---:|")
    await rush(database, hall, options.slots, options.clients)
    await bare(url, hall, options.slots, options.clients)
    connection = await asyncpg.connect(url)
    await connection.execute(COPIES, COMMUNITY, options.spaces)
    await connection.execute(WINDOWS)
    async with database.transaction() as session:
        spaces = list(await session.scalars(select(Space).where(Space.id != hall.id)))
    await connection.execute("DELETE FROM claim")
    await connection.execute(BUSY, NOW, BUSY_DAYS)
    await connection.execute(YEAR, COMMUNITY, spaces[0].id, NOW)
    await connection.execute("ANALYZE")
    print(f"\ndeadlocks: {await connection.fetchval(DEADLOCKS)}")
    await connection.close()
    await compare(database, spaces)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"\nCPU of this process: {used.ru_utime + used.ru_stime:.1f} s")
    await database.close()


async def main() -> None:
    """Make the database, measure, drop it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spaces", type=int, default=1_000)
    parser.add_argument("--slots", type=int, default=150)
    parser.add_argument("--clients", type=int, default=24)
    options = parser.parse_args()
    server = os.environ["DATABASE_URL"]
    name = f"linli_bench_{uuid.uuid4().hex[:8]}"
    admin = await asyncpg.connect(server)
    await admin.execute(f"CREATE DATABASE {name}")
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    config = Config("alembic.ini", ini_section="scenarios")
    config.attributes["database_url"] = url
    try:
        await asyncio.to_thread(command.upgrade, config, "heads")
        await measure(url, options)
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


if __name__ == "__main__":
    asyncio.run(main())
