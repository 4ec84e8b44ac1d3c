"""A book that has grown: what lists cost at 10 million transfers beside 10 thousand, what it weighs, and in parts.

    DATABASE_URL=… ./linli bench ledger_growth [--transfers 10000000]

The server is DATABASE_URL's, or one of its own that lasts as long as this. The book is laid down in SQL, in the order
of its ids, with the schema, keys and indexes of the product, over two years and 200 communities; an account has about
500 entries in either, so that pages are as long. Each list is the product's own query. It prints p50 and p95 with their
ratios, and bytes per transfer. Then it lays the entries down once more in a part for each month, by the time in their
ids, and prints the same for them, and what it takes to put the oldest month away.
"""

import argparse
import asyncio
import os
import random
import secrets
import statistics
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from deploy.bare.ports import free_port
from deploy.bare.postgres import EmbeddedPostgres
from services.points.ledger.rules import AssetClass, resident
from services.points.statements.queries import balance_at, entries_of
from shared.database import Database

COMMUNITIES, PEOPLE, SHOPS = 200, 20_000, 1_000
SMALL = 10_000
ROWS_AT_ONCE = 500_000
LISTS = 2_000
PAGE = 50
MONTHS = 24
START = datetime(2024, 11, 1, tzinfo=UTC)
SPAN_MS = MONTHS * 30 * 86_400_000
# Residents are numbered from 1, shops from a thousand million on; the number is the id, and chooses the community.
_ACCOUNTS = f"""
    INSERT INTO account (community_code, account_id, asset_class, kind, owner, floor, balance)
    SELECT 330100000000 + n % {COMMUNITIES}, lpad(to_hex(n), 32, '0')::uuid, 'service', 'resident',
           'resident:' || lpad(to_hex(n), 32, '0')::uuid, 0, 0 FROM generate_series(1, {{people}}) AS n
    UNION ALL
    SELECT 330100000000 + n % {COMMUNITIES}, lpad(to_hex(1000000000 + n), 32, '0')::uuid, 'service', 'merchant',
           'merchant:' || n, NULL, NULL FROM generate_series(0, {SHOPS - 1}) AS n;
    INSERT INTO lot (community_code, lot_id, account_id, issuer, activity, expires_on, earned, remaining)
    SELECT community_code, account_id, account_id, community_code, 'volunteering', '2028-06-30', 1000000, 1000000
    FROM account WHERE kind = 'resident'
"""  # noqa: S608 - numbers of our own
_TRANSFERS = f"""
    CREATE TEMP TABLE made AS
    SELECT 330100000000 + person % {COMMUNITIES} AS code, lpad(to_hex(person), 32, '0')::uuid AS person,
           lpad(to_hex(1000000000 + person % {COMMUNITIES} + {COMMUNITIES} * shop), 32, '0')::uuid AS shop,
           (lpad(to_hex({int(START.timestamp() * 1000)} + (n * {{step_ms}})::bigint), 12, '0') || '7'
            || lpad(to_hex(n % 4096), 3, '0') || '8' || substr(md5(n::text), 1, 15))::uuid AS id
    FROM (SELECT n, 1 + (random() * ({{people}} - 1))::int AS person,
                 (random() * {SHOPS // COMMUNITIES - 1})::int AS shop
          FROM generate_series({{first}}, {{last}}) AS n) AS drawn;
    INSERT INTO transfer (community_code, transfer_id, asset_class, kind, reference)
    SELECT code, id, 'service', 'redeem', replace(id::text, '-', '') FROM made;
    INSERT INTO entry (community_code, account_id, transfer_id, leg, asset_class, lot_id, amount, balance_after)
    SELECT code, account_id, id, leg, 'service', lot_id, amount, balance FROM made CROSS JOIN LATERAL (
        VALUES (person, 0, person, -1, 1000000), (shop, 1, NULL, 1, NULL))
        AS legs (account_id, leg, lot_id, amount, balance);
    DROP TABLE made
"""  # noqa: S608 - numbers of our own


@asynccontextmanager
async def server() -> AsyncIterator[str]:
    """Give a server's address."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o711)  # noqa: ASYNC240 - at once; run by root, the server belongs to another account
        own = EmbeddedPostgres(home / "postgres", free_port(), log=home / "postgres.log")
        await own.start()
        yield own.dsn()
        await own.stop()


@asynccontextmanager
async def book(url: str, transfers: int) -> AsyncIterator[tuple[str, int]]:
    """Give the administrator's address of a book of so many transfers, and how many residents' accounts are in it."""
    name = f"linli_growth_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(url)
    for role in ("linli_points_owner", "linli_points", "linli_log"):
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await admin.execute(f"CREATE ROLE {role} LOGIN")
    await admin.execute(f"CREATE DATABASE {name} OWNER linli_points_owner")
    address = make_url(url).set(database=name).render_as_string(hide_password=False)
    try:
        config = Config("alembic.ini", ini_section="points")
        config.attributes["database_url"] = address
        await asyncio.to_thread(command.upgrade, config, "heads")
        connection = await asyncpg.connect(address)
        people = await lay_down(connection, transfers)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.close()
        yield address, people
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def lay_down(connection: asyncpg.Connection, transfers: int) -> int:
    """Lay a book down in the order of its ids: each transfer takes a point out of a resident's lot, for a shop.

    Returns:
        How many residents have an account in it.
    """
    people = max(20, transfers * PEOPLE // 10_000_000)  # as many entries an account, so that a list is as long
    await connection.execute(_ACCOUNTS.format(people=people))
    await connection.execute("ALTER TABLE entry DISABLE TRIGGER entries_balance")
    for first in range(0, transfers, ROWS_AT_ONCE):
        last = min(first + ROWS_AT_ONCE, transfers) - 1
        await connection.execute(_TRANSFERS.format(first=first, last=last, people=people, step_ms=SPAN_MS / transfers))
    await connection.execute("ALTER TABLE entry ENABLE TRIGGER entries_balance")
    return people


async def listed(address: str, people: int) -> dict[str, list[float]]:
    """Time the product's own reads, in milliseconds, of accounts at random; the first tenth warms up."""
    database = Database(address, name="growth")
    dice = random.Random(3)  # noqa: S311 - a repeatable choice
    took: dict[str, list[float]] = {"newest": [], "deep": [], "balance": []}
    async with database.transaction() as session:
        for turn in range(LISTS):
            number = dice.randint(1, people)
            code = str(330_100_000_000 + number % COMMUNITIES)
            account = (code, AssetClass.SERVICE, resident(uuid.UUID(int=number)))
            began = time.perf_counter()
            newest = await entries_of(session, account, beyond=None, newest_first=True, most=PAGE)
            first = time.perf_counter()
            middle = START + timedelta(days=dice.randint(30, MONTHS * 30))
            place = (uuid.UUID(int=int(middle.timestamp() * 1000) << 80), 0)
            await entries_of(session, account, beyond=place, newest_first=bool(turn % 2), most=PAGE)
            second = time.perf_counter()
            await balance_at(session, account, middle)
            third = time.perf_counter()
            if turn > LISTS // 10 and len(newest) == PAGE:
                for name, span in (("newest", first - began), ("deep", second - first), ("balance", third - second)):
                    took[name].append(span * 1000)
    await database.close()
    return took


async def weigh(address: str, transfers: int) -> None:
    """Print what each table and index weighs for each transfer."""
    connection = await asyncpg.connect(address)
    rows = await connection.fetch(
        "SELECT relname, pg_relation_size(oid) AS size FROM pg_class WHERE relkind IN ('r', 'i', 'm')"
        " AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC"
    )
    print(f"\n| bytes a transfer, at {transfers:,} | |\n|---|---:|")
    for row in rows:
        if row["size"] / transfers >= 1:
            print(f"| `{row['relname']}` | {row['size'] / transfers:.0f} |")
    print(f"| all | {sum(row['size'] for row in rows) / transfers:.0f} |")
    await connection.close()


async def part(address: str) -> float:
    """Lay the entries down again in a part for each month, under their old name; return how long putting one away took.

    The key has the id of the transfer, and the id has the time: no column and no key is added.
    """
    connection = await asyncpg.connect(address)
    await connection.execute("ALTER TABLE entry RENAME TO entry_whole")
    await connection.execute("CREATE TABLE entry (LIKE entry_whole) PARTITION BY RANGE (transfer_id)")
    for month in range(MONTHS + 1):
        low, high = (uuid.UUID(int=_ms(START + timedelta(days=30 * (month + n))) << 80) for n in (0, 1))
        await connection.execute(
            f"CREATE TABLE entry_{month} PARTITION OF entry FOR VALUES FROM ('{low}') TO ('{high}')"
        )
    await connection.execute("INSERT INTO entry SELECT * FROM entry_whole")
    await connection.execute("ALTER TABLE entry ADD PRIMARY KEY (community_code, account_id, transfer_id, leg)")
    await connection.execute("DROP TABLE entry_whole CASCADE")
    await connection.execute("VACUUM (ANALYZE) entry")
    began = time.perf_counter()
    await connection.execute("ALTER TABLE entry DETACH PARTITION entry_0")
    took_s = time.perf_counter() - began
    await connection.execute(
        "ALTER TABLE entry ATTACH PARTITION entry_0 FOR VALUES FROM"
        f" ('{uuid.UUID(int=_ms(START) << 80)}') TO ('{uuid.UUID(int=_ms(START + timedelta(days=30)) << 80)}')"
    )
    await connection.close()
    return took_s


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


async def measure(transfers: int) -> None:
    """Lay down both books, read them in turns, and print."""
    took: dict[int, dict[str, list[float]]] = {}
    async with server() as url, book(url, SMALL) as (small, few), book(url, transfers) as (large, many):
        for _ in range(2):  # in turns, so that both meet the same machine
            for size, address, people in ((SMALL, small, few), (transfers, large, many)):
                for name, spans in (await listed(address, people)).items():
                    took.setdefault(size, {}).setdefault(name, []).extend(spans)
        print("| read | transfers | p50 ms | p95 ms | p95 ÷ p95 at 10 thousand |\n|---|---:|---:|---:|---:|")
        for name in took[SMALL]:
            cuts = {size: statistics.quantiles(took[size][name], n=20) for size in took}
            for size, cut in cuts.items():
                print(f"| {name} | {size:,} | {cut[9]:.2f} | {cut[18]:.2f} | {cut[18] / cuts[SMALL][18]:.2f} |")
        await weigh(large, transfers)
        away_s = await part(large)
        parted = await listed(large, many)
        print(f"\n| in {MONTHS + 1} parts | p50 ms | p95 ms | p95 ÷ p95 in one |\n|---|---:|---:|---:|")
        for name, spans in parted.items():
            cut, whole = statistics.quantiles(spans, n=20), statistics.quantiles(took[transfers][name], n=20)
            print(f"| {name} | {cut[9]:.2f} | {cut[18]:.2f} | {cut[18] / whole[18]:.2f} |")
        print(f"\nThe oldest month was put away in {away_s * 1000:.0f} ms.")
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end; {LISTS} reads of each kind twice.")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transfers", type=int, default=10_000_000)
    asyncio.run(measure(parser.parse_args().transfers))


if __name__ == "__main__":
    main()
