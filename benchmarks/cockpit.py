"""The cockpit of a street with a year of data, beside the same figures by direct query over the records.

    python -m benchmarks.cockpit [--records-per-day 300] [--calls 200]

A street of 15 communities, 365 days, three measures; one call at a time, through the service's API in this process with
a signed identity, the two ways taking turns. DATABASE_URL names a server that runs already; else it starts its own.
"""

import argparse
import asyncio
import os
import resource
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import httpx
from asgi_lifespan import LifespanManager
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import make_url, text
from sqlalchemy.schema import CreateIndex, CreateTable

from deploy.bare.ports import free_port
from deploy.bare.postgres import EmbeddedPostgres
from services.operations.cockpit.tables import CockpitDay, CockpitRecord
from services.operations.main import create_app
from shared.database import Database
from shared.identity import HEADER, Identity, IdentitySigner, Role

STREET, COMMUNITIES, FIRST, LAST = "330102001", 15, date(2025, 11, 22), date(2026, 11, 21)
LIMIT_MS = 300
NAME = "linli_bench_cockpit"
FILL = """
    INSERT INTO cockpit_record (community_code, measure, source_id, day, amount, actor, occurred_at)
    SELECT '330102001' || lpad(CAST(1 + n % 15 AS text), 3, '0'),
        (ARRAY['points_redeemed', 'attendances', 'bookings'])[1 + (n / 15) % 3], gen_random_uuid(), d, 1 + n % 40,
        CAST(lpad(to_hex(n), 32, '0') AS uuid), d + interval '9 hours'
    FROM generate_series(CAST('2025-11-22' AS date), CAST('2026-11-21' AS date), interval '1 day') AS days(d),
        generate_series(1, :per_day) AS n
"""
ROLL_UP = """
    INSERT INTO cockpit_day (community_code, day, measure, count, amount, occurred_at, received_at)
    SELECT community_code, day, measure, count(*), sum(amount), max(occurred_at), now()
    FROM cockpit_record GROUP BY 1, 2, 3
"""
DIRECT = text("""
    SELECT community_code, CAST(date_trunc('month', day) AS date), measure, count(*), CAST(sum(amount) AS bigint)
    FROM cockpit_record
    WHERE community_code BETWEEN '330102001000' AND '330102001999' AND day BETWEEN :first AND :last
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")


@asynccontextmanager
async def server() -> AsyncIterator[str]:
    """Give an administrator's URL: DATABASE_URL's, or of a server of our own."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o711)  # noqa: ASYNC240 - at once, before anything runs
        own = EmbeddedPostgres(home / "postgres", free_port(), log=home / "postgres.log")
        await own.start()
        yield own.dsn()
        await own.stop()


@asynccontextmanager
async def filled(url: str, per_day: int) -> AsyncIterator[str]:
    """Make a database with a year of the street's records and their roll-ups; yields its URL."""
    admin = Database(url, name="bench")
    mine = make_url(url).set(database=NAME).render_as_string(hide_password=False)
    async with admin.autocommit() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {NAME}"))
    database = Database(mine, name="bench")
    async with database.transaction() as session:
        for table in (CockpitRecord.__table__, CockpitDay.__table__):
            await session.execute(CreateTable(table))  # type: ignore[arg-type]  # a mapped class has a Table
            for index in table.indexes:  # type: ignore[attr-defined]  # the same
                await session.execute(CreateIndex(index))
        await session.execute(text(FILL), {"per_day": per_day})
        await session.execute(text(ROLL_UP))
    async with database.autocommit() as connection:
        await connection.execute(text("VACUUM ANALYZE"))
    await database.close()
    yield mine
    async with admin.autocommit() as connection:
        await connection.execute(text(f"DROP DATABASE {NAME} WITH (FORCE)"))
    await admin.close()


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Return the milliseconds that a call takes."""
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


async def measure(url: str, calls: int) -> None:
    """Call both ways in turn and print what they took."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    os.environ.update(LINLI_DATABASE_URL=url, LINLI_IDENTITY_PUBLIC_KEY=public.decode(), LINLI_LOG_LEVEL="ERROR")
    signer = IdentitySigner(private.decode())
    official = Identity("staff:bench", (Role("official", STREET),))
    database = Database(url, name="bench")
    async with (
        LifespanManager(create_app()) as manager,
        httpx.AsyncClient(transport=httpx.ASGITransport(manager.app), base_url="http://service") as http,
    ):

        async def cockpit() -> int:
            headers = {HEADER: signer.sign(official, "operations", now=time.time())}
            span = {"first": FIRST.isoformat(), "last": LAST.isoformat()}
            answer = (await http.get(f"/cockpit/{STREET}", headers=headers, params=span)).raise_for_status().json()
            return sum(int(one["amount"]) for one in answer["totals"])

        async def direct() -> int:
            async with database.transaction() as session:
                rows = await session.execute(DIRECT, {"first": FIRST, "last": LAST})
                return sum(int(row[4]) for row in rows)

        if await cockpit() != await direct():
            raise RuntimeError("the cockpit and the records differ")
        ways = {"cockpit over HTTP": cockpit, "direct query": direct}
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(calls):
            for name, way in ways.items():
                took[name].append(await timed(way))
    await database.close()
    report(took)


def report(took: dict[str, list[float]]) -> None:
    """Print what each way took, their ratio and the CPU."""
    for name, milliseconds in took.items():
        cuts = statistics.quantiles(milliseconds, n=100)
        print(f"| {name} | {cuts[49]:.1f} ms | {cuts[94]:.1f} ms | {max(milliseconds):.1f} ms |")
    p95 = {name: statistics.quantiles(one, n=100)[94] for name, one in took.items()}
    ratio = p95["direct query"] / p95["cockpit over HTTP"]
    cpu_s = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    within = "within" if p95["cockpit over HTTP"] < LIMIT_MS else "NOT within"
    print(f"\np95 {within} {LIMIT_MS} ms; direct/cockpit {ratio:.1f}; this process used {cpu_s:.1f} s of CPU")


async def main() -> None:
    """Fill, measure, and clean up."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records-per-day", type=int, default=300, help="in the whole street")
    arguments.add_argument("--calls", type=int, default=200, help="of each way")
    options = arguments.parse_args()
    print(f"{365 * options.records_per_day:,} records, {365 * COMMUNITIES * 3:,} days of roll-up at most\n")
    print("| way | p50 | p95 | most |\n|---|---:|---:|---:|")
    async with server() as url, filled(url, options.records_per_day) as mine:
        await measure(mine, options.calls)


if __name__ == "__main__":
    asyncio.run(main())  # uvloop starts no process under another account, as PostgreSQL needs under root
