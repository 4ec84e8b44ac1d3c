"""What the ledger is measured on: a server and a points database of its own, API processes, and a meter."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import psutil
from alembic import command
from alembic.config import Config

from deploy.bare.credentials import Credentials, new_credentials
from deploy.bare.places import ROOT
from deploy.bare.ports import free_port
from deploy.bare.postgres import EmbeddedPostgres
from deploy.bare.postgres_home import find_installation, server_account
from deploy.bare.processes import UVICORN, base_environment
from deploy.bare.provision import application, database, dsn, owner, provision
from deploy.bare.supervisor import ask_health
from services.points.communities.tables import Community
from services.points.earning.publish_rule import PublishRule, publish_rule
from services.points.ledger.rules import AssetClass
from services.points.limits.set_limit import SetBudget, set_limit
from shared.clock import CHINA
from shared.database import Database

QINGBO, DONGJIANG = "330102001051", "330281002015"
RESIDENTS = [uuid.UUID(int=n, version=4) for n in range(1, 10_001)]
PGBENCH_S = 3
PGBENCH_CLIENTS = (8, 16, 32)
READY_S = 20.0


@dataclass
class Figures:
    """What a run took: times in ms of each request, CPU in µs of each transfer, and bytes of each."""

    transfers: int = 0
    wall_s: float = 0.0
    took_ms: list[float] = field(default_factory=list)
    client_us: float = 0.0
    api_us: float = 0.0
    postgres_us: float = 0.0
    stored: float = 0.0
    logged: float = 0.0

    @property
    def rate(self) -> float:
        """Transfers in a second."""
        return self.transfers / self.wall_s


@dataclass(frozen=True)
class Api:
    """An API that runs."""

    port: int
    process: psutil.Process


@dataclass
class Ground:
    """A server with a points database."""

    server: EmbeddedPostgres
    folder: Path
    credentials: Credentials

    def url(self, role: str) -> str:
        """Return the address of the points database for a role."""
        return dsn(self.server.dsn(), role, self.credentials.roles[role], database("points"))

    @property
    def admin(self) -> str:
        """The administrator's address of the points database."""
        return self.server.dsn(database("points"))

    @asynccontextmanager
    async def api(self, target: str) -> AsyncIterator[Api]:
        """Run an API in a process of its own, as in production."""
        environment = {
            **base_environment(),
            "LINLI_DATABASE_URL": self.url(application("points")),
            "LINLI_IDENTITY_PUBLIC_KEY": self.credentials.identity_public_key,
            "LINLI_SEAL_PUBLIC_KEYS": self.credentials.seal_public_key,
            "LINLI_CODE_KEY": self.credentials.code_key,
        }
        port = free_port()
        asked = [sys.executable, "-m", "uvicorn", target, "--port", str(port), *UVICORN]
        with (self.folder / "api.log").open("ab") as log:
            process = psutil.Popen(asked, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            await _until_ready(port)
            yield Api(port, process)
        finally:
            process.terminate()
            process.wait()

    @contextmanager
    def measured(self, figures: Figures, api: Api | None = None) -> Iterator[None]:
        """Fill in what a block takes; it counts its transfers itself."""
        before, began = self._cpu(api), time.perf_counter()
        yield
        figures.wall_s = time.perf_counter() - began
        spent = [(now - then) / figures.transfers * 1e6 for now, then in zip(self._cpu(api), before, strict=True)]
        figures.client_us, figures.api_us, figures.postgres_us = spent

    def _cpu(self, api: Api | None) -> tuple[float, float, float]:
        server = psutil.Process(self.server.process.pid) if self.server.process else psutil.Process()
        apis = [api.process] if api else []
        return time.process_time(), _used_s(apis), _used_s([server, *server.children()])

    async def sizes(self) -> tuple[int, int]:
        """Return the bytes of all tables with their indexes, and those ever written to the log."""
        connection = await asyncpg.connect(self.admin)
        row = await connection.fetchrow(
            "SELECT (SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables)::bigint, "
            "(pg_current_wal_lsn() - '0/0')::bigint"
        )
        await connection.close()
        return row[0], row[1]

    def pgbench(self) -> tuple[int, float]:
        """Return TPC-B's best number of clients, and its transactions a second."""
        program = find_installation(server_account(self.folder / "postgres")) / "bin" / "pgbench"
        found = {}
        for clients in PGBENCH_CLIENTS:
            asked = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(PGBENCH_S), self._tpcb]
            answer = subprocess.run([program, *asked], check=True, capture_output=True, text=True)  # noqa: S603
            [found[clients]] = map(float, re.findall(r"tps = ([\d.]+)", answer.stdout) or ["0"])  # none was done
        best = max(found, key=lambda clients: found[clients])
        return best, found[best]

    async def make_tpcb(self) -> None:
        """Make pgbench's tables, at scale 10."""
        connection = await asyncpg.connect(self.server.dsn())
        await connection.execute("CREATE DATABASE tpcb")
        await connection.close()
        program = find_installation(server_account(self.folder / "postgres")) / "bin" / "pgbench"
        subprocess.run([program, "-i", "-q", "-s", "10", self._tpcb], check=True, capture_output=True)  # noqa: S603, ASYNC221 - nothing else runs

    @property
    def _tpcb(self) -> str:
        return self.server.dsn("tpcb")

    async def settings(self) -> str:
        """Say how durable the server is."""
        names = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
        connection = await asyncpg.connect(self.server.dsn())
        shown = [f"{name} {await connection.fetchval(f'SHOW {name}')}" for name in names]
        await connection.close()
        return f"PostgreSQL: {', '.join(shown)}. {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start."


def _used_s(processes: list[psutil.Process]) -> float:
    used_s = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used_s += times.user + times.system
    return used_s


async def _until_ready(port: int) -> None:
    deadline = time.monotonic() + READY_S
    while not (await ask_health(port)).startswith("200"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing answers at {port}")


@contextmanager
def a_server() -> Iterator[Ground]:
    """Start a server of its own, on a loop of its own: uvloop cannot start what belongs to another account."""
    with tempfile.TemporaryDirectory() as name, asyncio.Runner() as runner:
        folder = Path(name)
        folder.chmod(0o711)  # run by root, the server belongs to another account, which must get in
        server = EmbeddedPostgres(folder / "postgres", free_port(), log=folder / "postgres.log")
        runner.run(server.start())
        try:
            yield Ground(server, folder, new_credentials())
        finally:
            runner.run(server.stop())


async def found(ground: Ground) -> None:
    """Make a migrated points database with two communities and a rule."""
    await provision(ground.server.dsn(), ground.credentials.roles, services=["points"])
    config = Config(str(ROOT / "alembic.ini"), ini_section="points")
    config.attributes["database_url"] = ground.url(owner("points"))
    await asyncio.to_thread(command.upgrade, config, "heads")
    opened = Database(ground.url(application("points")), name="bench")
    since = datetime.now(UTC) - timedelta(days=30)
    async with opened.transaction() as session:
        session.add_all([Community(community_code=code, name=code) for code in (QINGBO, DONGJIANG)])
        await session.flush()
        await set_limit(session, SetBudget(QINGBO, datetime.now(CHINA).year, 10**12))
        rule = PublishRule(QINGBO, "volunteering", AssetClass.SERVICE, 10, 1, 1000, 24, since, "bench")
        await publish_rule(session, rule)
    await opened.close()
