"""A month's utilisation of 1,000 spaces: kept roll-ups beside the naive query, in the same run.

    DATABASE_URL=postgresql://… python -m benchmarks.utilisation [--spaces 1000] [--bookings 300]

It makes a database of its own on that server and drops it again. The naive way counts the month's bookings and adds
up the windows of each space; the roll-up is what the worker has kept. Both read as the API's role.
"""

import argparse
import asyncio
import os
import resource
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.vacancy.queries import list_months, measure_all
from services.scenarios.vacancy.roll_up import roll_up
from services.scenarios.vacancy.tables import UseProfile
from shared.clock import CHINA
from shared.database import Database

COMMUNITY = "330102001051"
MONTH = datetime(2027, 3, 1, tzinfo=CHINA)
NEXT_MONTH = datetime(2027, 4, 1, tzinfo=CHINA)
ROUNDS = 15

SPACES = """
    INSERT INTO space (community_code, name, opening_hours, slot_minutes, buffer_minutes, longest_minutes, published_by,
                       unit_ids, laid_out_until)
    SELECT $1, '空间 ' || n, (SELECT jsonb_agg(jsonb_build_object('weekday', d, 'opens_minute', 480,
           'closes_minute', 1320)) FROM generate_series(1, 7) d), 30, 0, 60, 'staff',
           ARRAY[gen_random_uuid()], '2027-01-01' FROM generate_series(1, $2::int) n
"""
PROFILES = "INSERT INTO use_profile SELECT community_code, id, 'booked', 20, 1500, 100000, NULL, 'staff' FROM space"
WINDOWS = """
    INSERT INTO bookable_window SELECT community_code, id, 'base', opens, opens + interval '14 hours', opens
    FROM space, LATERAL (SELECT $1::timestamptz + d * interval '1 day' + interval '8 hours' AS opens
                         FROM generate_series(0, 30) d) days
"""
BOOKINGS = """
    INSERT INTO booking (community_code, id, space_id, resident_id, starts_at, ends_at, channel, given_by)
    SELECT $1, gen_random_uuid(), id, gen_random_uuid(), at, at + interval '1 hour', 'app', 'resident' FROM space,
    LATERAL (SELECT $2::timestamptz + (n * 87 % 720) * interval '1 hour' AS at FROM generate_series(1, $3::int) n) times
"""


async def naive(session: AsyncSession) -> int:
    """Count a month's use of a community's spaces from their bookings and windows; returns how many spaces it is of."""
    measure = await measure_all(session, COMMUNITY, (MONTH, NEXT_MONTH))
    profiles = await session.scalars(select(UseProfile).where(UseProfile.community_code == COMMUNITY))
    return len([measure(profile) for profile in profiles])


async def kept(session: AsyncSession) -> int:
    """Read the same from the roll-ups."""
    return len(await list_months(session, COMMUNITY, MONTH.date()))


async def times(database: Database, read: Callable[[AsyncSession], Awaitable[int]], expected: int) -> Sequence[float]:
    """Return how many milliseconds each round took."""
    taken = []
    for _ in range(ROUNDS):
        async with database.transaction() as session:
            started = time.perf_counter()
            assert await read(session) == expected  # noqa: S101 - a benchmark of the wrong answer measures nothing
            taken.append((time.perf_counter() - started) * 1000)
    return taken


async def measure(database: Database, spaces: int, bookings: int) -> None:
    """Time both ways and print their medians."""
    started = time.perf_counter()
    async with database.transaction() as session:
        await roll_up(session, COMMUNITY, MONTH.date(), NEXT_MONTH + timedelta(days=1))
    rolled_up_ms = (time.perf_counter() - started) * 1000
    cpu = resource.getrusage(resource.RUSAGE_SELF)
    naive_ms = statistics.median(await times(database, naive, spaces))
    kept_ms = statistics.median(await times(database, kept, spaces))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{spaces} spaces, {spaces * bookings:,} bookings in the month; median of {ROUNDS}, one client, one batch")
    print(f"naive query {naive_ms:.1f} ms · roll-up {kept_ms:.1f} ms · ratio {naive_ms / kept_ms:.0f}")
    print(f"rolling the month up once {rolled_up_ms:.0f} ms, one transaction, synchronous_commit as the server has it")
    print(f"client CPU {used.ru_utime + used.ru_stime - cpu.ru_utime - cpu.ru_stime:.1f} s for both")


async def main() -> None:
    """Make the database, fill it, measure, and drop it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spaces", type=int, default=1_000)
    parser.add_argument("--bookings", type=int, default=300, help="of each space in the month")
    asked = parser.parse_args()
    server, name = make_url(os.environ["DATABASE_URL"]), f"linli_bench_{uuid.uuid4().hex[:8]}"
    admin = await asyncpg.connect(server.render_as_string(hide_password=False))
    await admin.execute(f"CREATE DATABASE {name}")
    url = server.set(database=name).render_as_string(hide_password=False)
    config = Config("alembic.ini", ini_section="scenarios")
    config.attributes["database_url"] = url
    await asyncio.to_thread(command.upgrade, config, "heads")
    filling = await asyncpg.connect(url)
    await filling.execute("INSERT INTO community VALUES ($1, '清波门社区')", COMMUNITY)
    await filling.execute(SPACES, COMMUNITY, asked.spaces)
    await filling.execute(PROFILES)
    await filling.execute(WINDOWS, MONTH)
    await filling.execute(BOOKINGS, COMMUNITY, MONTH, asked.bookings)
    await filling.execute("ANALYZE")
    await filling.close()
    database = Database(url, name="bench", pool_size=1)
    await measure(database, asked.spaces, asked.bookings)
    await database.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


if __name__ == "__main__":
    asyncio.run(main())
