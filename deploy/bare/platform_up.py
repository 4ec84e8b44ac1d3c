"""Bring the whole platform up: the database, its schema, the reference data, the nine processes."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import asyncpg

from deploy.bare.credentials import Credentials, load_credentials
from deploy.bare.errors import LaunchError
from deploy.bare.foreground import say
from deploy.bare.jobs import load_reference_data, migrate
from deploy.bare.places import Places
from deploy.bare.postgres import EmbeddedPostgres
from deploy.bare.postgres_home import find_home
from deploy.bare.processes import HOST, PORTS, Platform, named
from deploy.bare.provision import DATABASES, LOG_READER, SERVICES, database, dsn, provision
from deploy.bare.sandbox import load_sandbox
from deploy.bare.supervisor import Supervisor

ADMIN_URL_VARIABLE = "DATABASE_URL"
EMBEDDED_EVENTS = "postgres"
PROBE_TIMEOUT_S = 2.0
CELL_PORTS = 20


@dataclass(frozen=True)
class Options:
    """What the person asked for.

    Attributes:
        base_port: The gateway's port; the others follow it.
        events: `postgres` or `kafka://host:port[,host:port]`.
        cells: The districts that each have a platform of their own; empty: there is one for all.
        cell: Of those, the one that these are the options of.
        neighbours: The others, with their gateways' ports.
    """

    base_port: int = 8080
    events: str = EMBEDDED_EVENTS
    cells: tuple[str, ...] = ()
    cell: str = ""
    neighbours: Mapping[str, int] = field(default_factory=dict)

    @property
    def by_cell(self) -> dict[str, "Options"]:
        """The options of each cell: its ports lie CELL_PORTS after those of the one before."""
        bases = {cell: self.base_port + CELL_PORTS * place for place, cell in enumerate(self.cells)}
        return {
            cell: Options(base, self.events, cell=cell, neighbours={o: p for o, p in bases.items() if o != cell})
            for cell, base in bases.items()
        }

    @property
    def ports(self) -> dict[str, int]:
        """The port of every process that will run on this machine."""
        if self.cells:
            return {f"{c}-{name}": port for c, one in self.by_cell.items() for name, port in one.ports.items()}
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


def embedded_server(places: Places, base_port: int, cell: str = "") -> EmbeddedPostgres:
    """Return the platform's own server, running or not.

    Args:
        places: The state folder.
        base_port: The gateway's port.
        cell: The district whose cell it is for; empty where there is one for all.
    """
    home = find_home(places.postgres)
    server = EmbeddedPostgres(home, base_port + PORTS["postgres"], log=places.logs / "postgres.log")
    server.name = named(cell, server.name)
    return server


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

    neighbours = {
        other: _outbox_of(Places(places.state.parent / other), port) for other, port in options.neighbours.items()
    }
    return Platform(places, options.base_port, credentials, address, options.events, options.cell, neighbours)


def _outbox_of(places: Places, base_port: int) -> str:
    """Return the address at which another cell's points are read, whether or not it runs yet."""
    places.make()
    password = load_credentials(places.secrets).roles[LOG_READER]
    return dsn(f"postgresql://{HOST}:{base_port + PORTS['postgres']}", LOG_READER, password, database("points"))


def doors(places: Places, options: Options) -> dict[str, tuple[str, str]]:
    """Return each cell's gateway, and the file of its sandbox.

    Args:
        places: The state folder.
        options: What the person asked for.
    """
    return {
        cell: (f"http://{HOST}:{own.base_port}", str(places.of_cell(cell).sandbox))
        for cell, own in options.by_cell.items()
    }


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
            server = embedded_server(places, options.base_port, options.cell)
            await supervisor.start(server)
            admin_dsn = server.dsn()
    async with _step("建立数据库与最小权限角色", "databases and least-privilege roles"):
        try:
            await provision(admin_dsn, load_credentials(places.secrets).roles)
        except (OSError, asyncpg.PostgresError) as error:
            raise LaunchError(f"数据库拒绝了管理员的操作 · the database refused its administrator: {error}") from error
    return admin_dsn


async def bring_up(supervisor: Supervisor, places: Places, options: Options) -> None:
    """Start everything, cell after cell if there are several, and return when all processes are ready.

    Args:
        supervisor: Keeps what is started.
        places: The state folder.
        options: What the person asked for.

    Raises:
        LaunchError: Something did not start.
    """
    if not options.cells:
        await _bring_up(supervisor, places, options)
    for cell, own in options.by_cell.items():
        say(f"▸ 单元 {cell} · cell {cell}")
        places.of_cell(cell).make()
        await _bring_up(supervisor, places.of_cell(cell), own)


async def _bring_up(supervisor: Supervisor, places: Places, options: Options) -> None:
    """Start one platform and return when all its processes are ready.

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
