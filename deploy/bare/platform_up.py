"""Bring the whole platform up: the database, its schema, the reference data, the nine processes."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg

from deploy.bare.credentials import Credentials, load_credentials
from deploy.bare.errors import LaunchError
from deploy.bare.foreground import say
from deploy.bare.jobs import load_reference_data, migrate
from deploy.bare.places import Places
from deploy.bare.postgres import EmbeddedPostgres
from deploy.bare.postgres_home import find_home
from deploy.bare.processes import PORTS, Platform
from deploy.bare.provision import DATABASES, SERVICES, dsn, provision
from deploy.bare.sandbox import load_sandbox
from deploy.bare.supervisor import Supervisor

ADMIN_URL_VARIABLE = "DATABASE_URL"
EMBEDDED_EVENTS = "postgres"
PROBE_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class Options:
    """What the person asked for.

    Attributes:
        base_port: The gateway's port; the others follow it.
        events: `postgres` or `kafka://host:port[,host:port]`.
    """

    base_port: int = 8080
    events: str = EMBEDDED_EVENTS

    @property
    def ports(self) -> dict[str, int]:
        """The port of every process that will run on this machine."""
        ports = {name: self.base_port + offset for name, offset in PORTS.items()}
        if ADMIN_URL_VARIABLE in os.environ:
            del ports["postgres"]
        return ports


@asynccontextmanager
async def _step(chinese: str, english: str) -> AsyncIterator[None]:
    started = time.monotonic()
    say(f"▸ {chinese} · {english}")
    yield
    say(f"  ✓ {time.monotonic() - started:.1f} s")


def embedded_server(places: Places, base_port: int) -> EmbeddedPostgres:
    """Return the platform's own server, running or not.

    Args:
        places: The state folder.
        base_port: The gateway's port.
    """
    home = find_home(places.postgres)
    return EmbeddedPostgres(home, base_port + PORTS["postgres"], log=places.logs / "postgres.log")


def configure(places: Places, options: Options, credentials: Credentials, admin_dsn: str) -> Platform:
    """Return what the processes are configured from.

    Args:
        places: The state folder.
        options: What the person asked for.
        credentials: Passwords and keys.
        admin_dsn: Any address of the database server.
    """

    def address(role: str, database: str) -> str:
        return dsn(admin_dsn, role, credentials.roles[role], database)

    return Platform(places, options.base_port, credentials, address, options.events)


async def start_database(supervisor: Supervisor, places: Places, options: Options) -> str:
    """Start the embedded server, unless the person has one, and make roles and databases.

    Args:
        supervisor: Keeps the server.
        places: The state folder.
        options: What the person asked for.

    Returns:
        The administrator's address.

    Raises:
        LaunchError: The server did not start, or the person's own cannot be used.
    """
    admin_dsn = os.environ.get(ADMIN_URL_VARIABLE)
    if admin_dsn is None:
        async with _step("启动 PostgreSQL 18", "starting PostgreSQL 18"):
            server = embedded_server(places, options.base_port)
            await supervisor.start(server)
            admin_dsn = server.dsn()
    async with _step("建立数据库与最小权限角色", "databases and least-privilege roles"):
        try:
            await provision(admin_dsn, load_credentials(places.secrets).roles)
        except (OSError, asyncpg.PostgresError) as error:
            raise LaunchError(f"数据库拒绝了管理员的操作 · the database refused its administrator: {error}") from error
    return admin_dsn


async def bring_up(supervisor: Supervisor, places: Places, options: Options) -> None:
    """Start everything and return when all processes are ready.

    Args:
        supervisor: Keeps what is started.
        places: The state folder.
        options: What the person asked for.

    Raises:
        LaunchError: Something did not start.
    """
    load_sandbox(places.sandbox)
    admin_dsn = await start_database(supervisor, places, options)
    platform = configure(places, options, load_credentials(places.secrets), admin_dsn)
    async with _step("迁移数据库结构", "migrating the databases"):
        await migrate(platform)
    async with _step("载入社区基础数据", "loading the communities"):
        await load_reference_data(platform)
    if options.events != EMBEDDED_EVENTS and not await _any_answers(options.events):
        say(f"⚠ {options.events} 尚无应答：事件先留在数据库中，待其恢复后送出")
        say("  It does not answer yet: events stay in the databases and are shipped when it does.")
    workers = [platform.worker(service) for service in DATABASES]
    apis = [*(platform.api(service) for service in SERVICES), platform.console()]
    gateway = platform.gateway()
    async with _step(
        "启动网关、控制台、三个服务与四个后台进程", "starting the gateway, its console, three APIs and four workers"
    ):
        await supervisor.start(*workers)  # stopped last: they ship what the APIs still write
        await supervisor.start(*apis)
        await supervisor.start(gateway)
        await supervisor.wait_until_ready(gateway, *apis, *workers)


async def _any_answers(events: str) -> bool:
    """Say whether one of the brokers of `kafka://host:port[,host:port]` takes connections."""
    for broker in events.removeprefix("kafka://").split(","):
        host, _, port = broker.rpartition(":")
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            return True
    return False
