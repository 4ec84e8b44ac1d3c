"""The platform that runs in this checkout, as the benchmarks need it."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property

import httpx
import psutil

from deploy.bare.places import Places
from deploy.bare.platform_up import embedded_server
from deploy.bare.running import Running, running_now
from deploy.demo.callers import Caller, callers

CALL_TIMEOUT_S = 15.0


@dataclass(frozen=True)
class RunningPlatform:
    """A platform that runs, with its state folder."""

    places: Places
    record: Running

    @property
    def url(self) -> str:
        """The gateway's address."""
        return self.record.url

    def points_dsn(self, database: str = "linli_points") -> str:
        """Return the administrator's address of a database."""
        return embedded_server(self.places, self.record.base_port).dsn(database)

    @cached_property
    def processes(self) -> dict[str, psutil.Process]:
        """Each process by its name, the supervisor too; PostgreSQL's is the first of a family."""
        named = {**self.record.processes, "supervisor": self.record.supervisor}
        return {name: psutil.Process(pid) for name, (pid, _) in named.items()}

    @asynccontextmanager
    async def cast(self) -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, Caller]]]:
        """Give a client of the gateway, and the sandbox's callers over it."""
        sandbox = json.loads(self.places.sandbox.read_text(encoding="utf-8"))
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=self.url, timeout=CALL_TIMEOUT_S, limits=limits) as http:
            yield http, callers(http, sandbox)


def find_platform() -> RunningPlatform:
    """Return the platform of this checkout; ends the program, saying what to do, when there is none."""
    places = Places()
    record = running_now(places.run)
    if record is None or not record.ready:
        sys.exit("平台没有运行，先执行 ./linli up -d · the platform is not running, first: ./linli up -d")
    return RunningPlatform(places, record)


def family(process: psutil.Process, name: str) -> list[psutil.Process]:
    """Return a process, and PostgreSQL's with those that it has started."""
    return [process, *process.children()] if name == "postgres" else [process]
