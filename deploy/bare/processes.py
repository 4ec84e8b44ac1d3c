"""The nine Python processes of the platform: a table, and the environment each is given."""

import json
import os
import signal
import sys
from asyncio.subprocess import Process as OsProcess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.bare.child import end, spawn
from deploy.bare.credentials import Credentials
from deploy.bare.places import ROOT, Places
from deploy.bare.provision import DATABASES, LOG_READER, SERVICES, application, database, owner
from shared.log.topics import topic_in

HOST = "127.0.0.1"
STOP_TIMEOUT_S = 15.0
UVICORN = (
    *("--factory", "--host", HOST, "--loop", "uvloop", "--http", "httptools", "--lifespan", "on"),
    *("--no-access-log", "--no-server-header", "--no-proxy-headers", "--timeout-graceful-shutdown", "10"),
)
# Offset from the base port.
PORTS = {
    "gateway": 0,
    "points-api": 1,
    "scenarios-api": 2,
    "operations-api": 3,
    "points-worker": 4,
    "scenarios-worker": 5,
    "operations-worker": 6,
    "console": 7,
    "gateway-worker": 8,
    "postgres": 9,
    "gateway-metrics": 10,
}
# What a child may see of the caller's environment: enough to find programs and speak UTF-8, no stray secrets.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONUTF8", "SSL_CERT_FILE", "SSL_CERT_DIR")


def named(cell: str, process: str) -> str:
    """Return what the supervisor calls a process: where there are several cells, with its own."""
    return f"{cell}-{process}" if cell else process


def base_environment() -> dict[str, str]:
    """Return the environment that every Python child starts from."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    # A few arenas of malloc are plenty for one event loop; the default of eight per core costs memory.
    return {**inherited, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


@dataclass
class UvicornProcess:
    """One ASGI application in a process of its own.

    Attributes:
        name: Its name in messages and the name of its log.
        target: `module:factory`.
        port: TCP port on 127.0.0.1.
        environment: Its LINLI_ variables.
        log: Where its output goes.
        folder: Where the modules are found.
        process: The running child, None before the first start.
    """

    name: str
    target: str
    port: int
    environment: Mapping[str, str]
    log: Path
    folder: Path = ROOT
    process: OsProcess | None = field(default=None, init=False)

    async def start(self) -> None:
        """Start it; whether it is ready is asked by HTTP."""
        self.process = await spawn(
            [sys.executable, "-m", "uvicorn", self.target, "--port", str(self.port), *UVICORN],
            environment={**base_environment(), **self.environment},
            folder=self.folder,
            log=self.log,
            death_signal=signal.SIGKILL,  # nothing is lost by it, and the port is free for the next supervisor
        )

    async def stop(self) -> None:
        """Let it finish the requests it has, then end it."""
        if self.process is not None:
            await end(self.process, politely=signal.SIGTERM, patience_s=STOP_TIMEOUT_S)


@dataclass(frozen=True)
class Platform:
    """What the processes are configured from.

    Attributes:
        places: The state folder.
        base_port: The gateway's port; the others follow it.
        credentials: Passwords and keys.
        address: Builds the DSN of a role and a database.
        events: `postgres` or `kafka://host:port[,host:port]`.
        cell: The district whose cell it is; empty where there is one for all.
        neighbours: The other cells, with the address at which the outbox of their points is read.
    """

    places: Places
    base_port: int
    credentials: Credentials
    address: Callable[[str, str], str]
    events: str
    cell: str = ""
    neighbours: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The gateway's address."""
        return f"http://{HOST}:{self.base_port}"

    def owner_environment(self, service: str) -> dict[str, str]:
        """Return what a service's migrations need."""
        return {**base_environment(), "LINLI_DATABASE_URL": self.address(owner(service), database(service))}

    def application_environment(self, service: str) -> dict[str, str]:
        """Return what a job with a service's own rights needs."""
        return {**base_environment(), "LINLI_DATABASE_URL": self.address(application(service), database(service))}

    def gateway(self) -> UvicornProcess:
        """Return the gateway's process."""
        services = {name: f"http://{HOST}:{self.base_port + PORTS[f'{name}-api']}" for name in SERVICES}
        services["console"] = f"http://{HOST}:{self.base_port + PORTS['console']}"
        environment = {
            "LINLI_DATABASE_URL": self.address(application("gateway"), database("gateway")),
            "LINLI_REGISTRY_KEY": self.credentials.registry_key,
            "LINLI_IDENTITY_PRIVATE_KEY": self.credentials.identity_private_key,
            "LINLI_TOKEN_PRIVATE_KEY": self.credentials.token_private_key,
            "LINLI_SERVICES": json.dumps(services),
            "LINLI_SANDBOX": str(self.places.sandbox),
            "LINLI_AUDIT_DIR": str(self.places.audit),
            "LINLI_PUBLIC_URL": self.url,
            "LINLI_METRICS_ADDRESS": f"{HOST}:{self.base_port + PORTS['gateway-metrics']}",
        }
        return self._process("gateway", "gateway.main:create_app", environment)

    def console(self) -> UvicornProcess:
        """Return the process in which the gateway is administered."""
        environment = {
            **self._environment("gateway"),
            "LINLI_REGISTRY_KEY": self.credentials.registry_key,
            "LINLI_EXCHANGE_KEY": self.credentials.exchange_key,
        }
        return self._process("console", "gateway.console.main:create_app", environment)

    def api(self, service: str) -> UvicornProcess:
        """Return the process of a service's API."""
        environment = self._environment(service)
        if service == "points":
            environment["LINLI_SEAL_PUBLIC_KEYS"] = self.credentials.seal_public_key
            environment["LINLI_CODE_KEY"] = self.credentials.code_key
        return self._process(f"{service}-api", f"services.{service}.main:create_app", environment)

    def worker(self, service: str) -> UvicornProcess:
        """Return the process of a service's worker, or the gateway's."""
        environment = self._environment(service)
        if self.events == "postgres":
            readers = {topic_in(self.cell, name): self.address(LOG_READER, database(name)) for name in DATABASES}
            readers |= {topic_in(other, "points"): outbox for other, outbox in self.neighbours.items()}
            environment["LINLI_LOG_DATABASES"] = json.dumps(readers)
        if service == "points" and self.neighbours:
            environment["LINLI_OTHER_CELLS"] = json.dumps(list(self.neighbours))
        if service == "points":
            environment["LINLI_SEAL_PRIVATE_KEY"] = self.credentials.seal_private_key
        if service == "gateway":
            environment["LINLI_REGISTRY_KEY"] = self.credentials.registry_key
        package = f"services.{service}" if service in SERVICES else f"{service}.console"
        return self._process(f"{service}-worker", f"{package}.worker:create_app", environment)

    def _environment(self, service: str) -> dict[str, str]:
        return {
            "LINLI_DATABASE_URL": self.address(application(service), database(service)),
            "LINLI_IDENTITY_PUBLIC_KEY": self.credentials.identity_public_key,
            "LINLI_EVENTS": self.events,
            **({"LINLI_CELL": self.cell} if self.cell else {}),
        }

    def _process(self, name: str, target: str, environment: dict[str, str]) -> UvicornProcess:
        if "LINLI_LOG_LEVEL" in os.environ:
            environment["LINLI_LOG_LEVEL"] = os.environ["LINLI_LOG_LEVEL"]
        log = self.places.logs / f"{name}.log"
        return UvicornProcess(named(self.cell, name), target, self.base_port + PORTS[name], environment, log)
