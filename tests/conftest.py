"""What every test stands on: a real PostgreSQL, migrated databases, services called as the gateway calls them."""

import asyncio
import os
import secrets
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path

import asyncpg
import httpx
import pytest
from alembic import command
from alembic.config import Config
from asgi_lifespan import LifespanManager
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.engine import make_url

from deploy.bare.ports import free_port
from deploy.bare.postgres import EmbeddedPostgres
from shared.identity import IdentitySigner
from tests.ground import Keys, MakeDatabase, ServiceClient, ServiceDatabase, StartApi
from tests.scan import RUN
from tests.shape.tree import DATABASES

PASSWORD = "test"
POOL_PATIENCE_S = 120
ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--nightly`."""
    parser.addoption("--nightly", action="store_true", help="also run the tests that take minutes (marked nightly)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the nightly tests out unless they are asked for."""
    if config.getoption("--nightly"):
        return
    left_out = [item for item in items if item.get_closest_marker("nightly")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session", autouse=True)
def patient_pools() -> Iterator[None]:
    """Let a crowd wait for its connections: how long it may is no test's subject, and a busy machine is slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.database.POOL_TIMEOUT_S", POOL_PATIENCE_S)
        yield


@pytest.fixture(scope="session", autouse=True)
def scanned() -> Iterator[None]:
    """Look at every answer that a test is given for numbers of persons (`tests.scan`)."""
    read, aread = httpx.Response.read, httpx.Response.aread

    def reads(response: httpx.Response) -> bytes:
        content = read(response)
        RUN.hears(response)
        return content

    async def areads(response: httpx.Response) -> bytes:
        content = await aread(response)
        RUN.hears(response)
        return content

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.Response, "read", reads)
        patch.setattr(httpx.Response, "aread", areads)
        yield


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Look at what a test and its fixtures printed: the logs of what ran in this process."""
    if report.when == "teardown":
        RUN.look_at_lines(report.nodeid, f"{report.capstdout}\n{report.capstderr}\n{report.caplog}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that showed a number."""
    if RUN.found and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was scanned and found."""
    for line in RUN.lines():
        terminalreporter.line(line, red=bool(RUN.found), green=not RUN.found)


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[str]:
    """The URL of a PostgreSQL server's administrator: DATABASE_URL's, or a server of our own."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o711)  # noqa: ASYNC240 - at once; run by root, the server belongs to another account, which must get in
        server = EmbeddedPostgres(home / "postgres", free_port(), log=home / "postgres.log")
        await server.start()
        yield server.dsn()
        await server.stop()


@pytest.fixture(scope="session")
async def templates(postgres: str) -> AsyncIterator[Mapping[str, str]]:
    """One migrated database per service and one of the gateway, by name, to be copied for each test."""
    run = secrets.token_hex(4)
    names = {service: f"linli_test_{run}_{service}" for service in DATABASES}
    admin = await asyncpg.connect(postgres)
    await admin.execute("SELECT pg_advisory_lock(1)")
    for role in ["linli_log", *(f"linli_{s}{suffix}" for s in DATABASES for suffix in ("", "_owner"))]:
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
    await admin.execute("SELECT pg_advisory_unlock(1)")
    for service, name in names.items():
        await admin.execute(f"CREATE DATABASE {name} OWNER linli_{service}_owner")
        config = Config(str(ROOT / "alembic.ini"), ini_section=service)
        config.attributes["database_url"] = _url(postgres, name, f"linli_{service}_owner")
        await asyncio.to_thread(command.upgrade, config, "heads")
    yield names
    for name in names.values():
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


def _url(server: str, database: str, role: str, password: str = PASSWORD) -> str:
    url = make_url(server).set(database=database, username=role, password=password)
    return url.render_as_string(hide_password=False)


@pytest.fixture
async def make_database(postgres: str, templates: Mapping[str, str]) -> AsyncIterator[MakeDatabase]:
    """Give out fresh databases, each as `await make_database("points")`."""
    admin = await asyncpg.connect(postgres)
    made: list[str] = []

    async def make(service: str) -> ServiceDatabase:
        name = f"linli_test_{uuid.uuid4().hex[:12]}"
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {templates[service]} OWNER linli_{service}_owner")
        made.append(name)
        server = make_url(postgres)
        return ServiceDatabase(
            service,
            admin=_url(postgres, name, server.username or "", server.password or ""),
            owner=_url(postgres, name, f"linli_{service}_owner"),
            app=_url(postgres, name, f"linli_{service}"),
            reader=_url(postgres, name, "linli_log"),
        )

    yield make
    for name in made:
        await RUN.look_at_events(
            _url(postgres, name, make_url(postgres).username or "", make_url(postgres).password or "")
        )
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture(scope="session")
def identity_keys() -> Keys:
    """Make the key pair with which identities are signed."""
    return _new_keys()


@pytest.fixture(scope="session")
def seal_keys() -> Keys:
    """Make the key pair with which books are sealed."""
    return _new_keys()


def _new_keys() -> Keys:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Keys(private.decode(), public.decode())


@pytest.fixture
async def start_api(
    make_database: MakeDatabase, identity_keys: Keys, seal_keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[StartApi]:
    """Run services' APIs, each on a fresh database, as `await start_api("points")`."""
    async with AsyncExitStack() as running:

        async def start(service: str) -> ServiceClient:
            database = await make_database(service)
            monkeypatch.setenv("LINLI_DATABASE_URL", database.app)
            monkeypatch.setenv("LINLI_IDENTITY_PUBLIC_KEY", identity_keys.public)
            monkeypatch.setenv("LINLI_SEAL_PUBLIC_KEYS", seal_keys.public)
            monkeypatch.setenv("LINLI_CODE_KEY", secrets.token_hex(32))
            app = import_module(f"services.{service}.main").create_app()
            manager = await running.enter_async_context(LifespanManager(app))
            http = await running.enter_async_context(
                httpx.AsyncClient(transport=httpx.ASGITransport(manager.app), base_url="http://service")
            )
            return ServiceClient(service, http, IdentitySigner(identity_keys.private), database)

        yield start
