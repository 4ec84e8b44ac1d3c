"""A whole platform for tests: its own PostgreSQL, nine processes, and either event log."""

import json
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.bare.credentials import load_credentials
from deploy.bare.places import Places
from deploy.bare.platform_up import Options, bring_up, configure, embedded_server
from deploy.bare.ports import free_base
from deploy.bare.processes import Platform
from deploy.bare.supervisor import Supervisor
from deploy.kafka.broker import Broker, missing_tools
from tests.scan import RUN


@dataclass(frozen=True, slots=True)
class RunningPlatform:
    """A platform that runs: which log it uses, where its state is, who keeps it up, and its broker if it has one."""

    log: str
    options: Options
    places: Places
    supervisor: Supervisor
    broker: Broker | None

    @property
    def url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.options.base_port}"

    @property
    def sandbox(self) -> dict[str, Any]:
        """Who may log in, and the applications."""
        read: dict[str, Any] = json.loads(self.places.sandbox.read_text(encoding="utf-8"))
        return read

    @property
    def configuration(self) -> Platform:
        """What its processes are made from."""
        credentials = load_credentials(self.places.secrets)
        return configure(self.places, self.options, credentials, self.admin_dsn("postgres"))

    def admin_dsn(self, database: str) -> str:
        """Return the address of a database, for the administrator."""
        return embedded_server(self.places, self.options.base_port).dsn(database)


@asynccontextmanager
async def running_platform(log: str, cells: tuple[str, ...] = ()) -> AsyncIterator[RunningPlatform]:
    """Bring a platform up from nothing, or one for each cell, on `postgres` or `kafka`.

    Skips, saying why, where no broker can be started.
    """
    if log == "kafka" and (missing := missing_tools()):
        pytest.skip(f"no Kafka: {' and '.join(missing)} cannot be found")
    async with AsyncExitStack() as opened:
        environment = opened.enter_context(pytest.MonkeyPatch.context())
        environment.delenv("DATABASE_URL", raising=False)
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o711)  # noqa: ASYNC240 - at once; root's server belongs to another account
        broker = None
        if log == "kafka":
            broker = Broker(folder)
            opened.callback(broker.stop)
            broker.start()
        places = Places(folder / "state")
        places.make()
        options = Options(free_base(_anywhere()), f"kafka://{broker.address}" if broker else log, cells)
        supervisor = Supervisor(say=lambda _: None, changed=lambda _: None)
        opened.push_async_callback(supervisor.stop)
        await bring_up(supervisor, places, options)
        running = RunningPlatform(log, options, places, supervisor, broker)
        yield running
        await _scan(running)


async def _scan(platform: RunningPlatform) -> None:
    RUN.look_at_logs(platform.places.state)
    admin = await asyncpg.connect(platform.admin_dsn("postgres"))
    for row in await admin.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'linli_%'"):
        await RUN.look_at_events(platform.admin_dsn(row["datname"]))
    await admin.close()


def _anywhere() -> list[int]:
    """Return base ports in an order of chance, so that two test runs at a time do not take the same."""
    return random.sample(range(10_000, 32_000, 20), 100)
