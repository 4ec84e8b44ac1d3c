"""Bring the whole platform up, keep it up, and take it down in good order."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from deploy.bare.credentials import Credentials, load_credentials
from deploy.bare.errors import LaunchError
from deploy.bare.jobs import load_reference_data, migrate
from deploy.bare.logs import rotate
from deploy.bare.places import Places
from deploy.bare.ports import check_ports
from deploy.bare.postgres import EmbeddedPostgres
from deploy.bare.postgres_home import find_home
from deploy.bare.processes import PORTS, Platform
from deploy.bare.provision import SERVICES, dsn, provision
from deploy.bare.running import Running, end_survivors, forget, hold_lock, identify, read_record, write_record
from deploy.bare.sandbox import load_sandbox
from deploy.bare.supervisor import Supervisor

ROTATE_INTERVAL_S = 20.0
SURVIVORS_PATIENCE_S = 20.0
ADMIN_URL_VARIABLE = "DATABASE_URL"


@dataclass(frozen=True)
class Options:
    """What the person asked for.

    Attributes:
        base_port: The gateway's port; the others follow it.
        events: `postgres` or `kafka://host:port[,host:port]`.
    """

    base_port: int = 8080
    events: str = "postgres"


def say(line: str) -> None:
    """Print a line at once; a terminal that has gone away is no reason to end."""
    with suppress(OSError):
        print(line, flush=True)


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
    """
    admin_dsn = os.environ.get(ADMIN_URL_VARIABLE)
    if admin_dsn is None:
        async with _step("启动 PostgreSQL 18", "starting PostgreSQL 18"):
            server = embedded_server(places, options.base_port)
            await supervisor.start(server)
            admin_dsn = server.dsn()
    async with _step("建立数据库与最小权限角色", "databases and least-privilege roles"):
        await provision(admin_dsn, load_credentials(places.secrets).roles)
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
    workers = [platform.worker(service) for service in SERVICES]
    apis = [platform.api(service) for service in SERVICES]
    gateway = platform.gateway()
    async with _step("启动网关、三个服务与三个后台进程", "starting the gateway, three APIs and three workers"):
        await supervisor.start(*workers)  # stopped last: they ship what the APIs still write
        await supervisor.start(*apis)
        await supervisor.start(gateway)
        await supervisor.wait_until_ready(gateway, *apis, *workers)


async def run(places: Places, options: Options, *, ready: Callable[[Running], None]) -> None:
    """Run the platform until it is told to stop by SIGINT, SIGTERM or SIGHUP.

    Args:
        places: The state folder.
        options: What the person asked for.
        ready: Is told when all processes are ready.

    Raises:
        AlreadyRunningError: There is one already.
        LaunchError: It could not be brought up; nothing of it is left running.
    """
    places.make()
    with hold_lock(places.run):
        end_survivors(read_record(places.run), patience_s=SURVIVORS_PATIENCE_S)
        needed = {name: options.base_port + offset for name, offset in PORTS.items()}
        if ADMIN_URL_VARIABLE in os.environ:
            del needed["postgres"]
        check_ports(needed)
        record = Running(
            identify(os.getpid()), f"http://127.0.0.1:{options.base_port}", options.base_port, options.events
        )

        def changed(pids: Mapping[str, int]) -> None:
            nonlocal record
            record = write_record(places.run, record, pids)

        supervisor = Supervisor(say=say, changed=changed)
        changed({})
        try:
            stop = _stop_event()
            async with _rotating(places):
                starting = asyncio.create_task(bring_up(supervisor, places, options))
                if await _finished_before(starting, stop):
                    record = replace(record, ready=True)
                    changed(supervisor.pids())
                    ready(record)
                    await stop.wait()
                say("▸ 正在停止 · stopping")
        finally:
            await supervisor.stop()
            forget(places.run)


def _stop_event() -> asyncio.Event:
    """Return an event that is set by the signals that mean: stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def _rotating(places: Places) -> AsyncIterator[None]:
    """Keep the logs bounded for the length of the block."""

    async def rotate_for_ever() -> None:
        while True:
            await asyncio.sleep(ROTATE_INTERVAL_S)
            with suppress(OSError):  # a full disk must not end the platform's supervisor
                rotate(places.logs)

    task = asyncio.create_task(rotate_for_ever())
    try:
        yield
    finally:
        task.cancel()


async def _finished_before(work: asyncio.Task[None], stop: asyncio.Event) -> bool:
    """Return whether the work was done before the event; if not it is cancelled. Raises what the work raises."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not work.done():
        work.cancel()
        with suppress(asyncio.CancelledError, LaunchError):
            await work
        return False
    work.result()
    return True
