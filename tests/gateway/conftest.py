"""A gateway on a real port before a real upstream on a real port: sockets are what a proxy is about."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path

import httpx
import pytest

from gateway.console.main import create_app as create_console
from gateway.main import create_app
from gateway.tokens import Issuer
from services.operations.communities.load import SOURCE, load
from shared.database import Database
from shared.events.operations import CommunityRegistered
from shared.outbox import publish
from tests.gateway.knock import PASSWORD, PUBLIC_URL, SECRET, Door, StartGateway, Upstream, pem, served
from tests.gateway.residence import HERE, World
from tests.ground import EXCHANGE_KEY, Keys, MakeDatabase, ServiceDatabase
from tests.scan import RUN
from tests.shape.tree import SERVICES


@pytest.fixture
async def start_gateway(
    tmp_path: Path, identity_keys: Keys, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[StartGateway]:
    """Run gateways before given services, as `await start_gateway({"points": url})`: replicas on one database."""
    token_keys, database = pem(), await make_database("gateway")
    sandbox = tmp_path / "sandbox.json"
    user = {"username": "li", "password": PASSWORD, "subject": "resident:1"}
    bins = {"access_key": "bins", "secret": SECRET, "subject": "application:bins"}
    sandbox.write_text(
        json.dumps(
            {
                "users": [{**user, "roles": [{"role": "resident", "prefix": "330102001051"}]}],
                "applications": [{**bins, "roles": [{"role": "device", "prefix": "330102"}]}],
            }
        )
    )
    monkeypatch.setenv("LINLI_DATABASE_URL", database.app)
    monkeypatch.setenv("LINLI_REGISTRY_KEY", "0123456789abcdeffedcba9876543210")
    monkeypatch.setenv("LINLI_EXCHANGE_KEY", EXCHANGE_KEY)
    monkeypatch.setenv("LINLI_IDENTITY_PUBLIC_KEY", identity_keys.public)
    monkeypatch.setenv("LINLI_IDENTITY_PRIVATE_KEY", identity_keys.private)
    monkeypatch.setenv("LINLI_TOKEN_PRIVATE_KEY", token_keys.private)
    monkeypatch.setenv("LINLI_SANDBOX", str(sandbox))
    monkeypatch.setenv("LINLI_AUDIT_DIR", str(tmp_path / "audit"))
    monkeypatch.setenv("LINLI_PUBLIC_URL", PUBLIC_URL)
    async with AsyncExitStack() as running:

        async def start(services: Mapping[str, str | list[str]]) -> Door:
            monkeypatch.setenv("LINLI_SERVICES", json.dumps(services))
            url = await running.enter_async_context(served(create_app()))
            http = await running.enter_async_context(httpx.AsyncClient(base_url=url))
            return Door(http, Issuer(PUBLIC_URL, token_keys.private), token_keys.private, tmp_path / "audit", database)

        yield start
    RUN.look_at_logs(tmp_path)


@pytest.fixture
def upstream() -> Upstream:
    """Give the service behind the gateway."""
    return Upstream()


@pytest.fixture
async def door(upstream: Upstream, start_gateway: StartGateway) -> AsyncIterator[Door]:
    """Give a gateway before one upstream that plays all services."""
    async with served(upstream) as url:
        yield await start_gateway(dict.fromkeys(("points", "scenarios", "operations"), url))


async def _load_communities(url: str, folder: Path) -> None:
    head, *lines = SOURCE.read_text(encoding="utf-8").splitlines()
    cut = folder / "communities.csv"  # those of 上城区; the whole list takes longer
    cut.write_text("\n".join([head, *(line for line in lines if line.startswith("330102"))]), encoding="utf-8")
    database = Database(url, name="test", pool_size=1)
    async with database.transaction() as session:
        await load(session, cut)
    await database.close()


@pytest.fixture
async def databases(make_database: MakeDatabase) -> dict[str, ServiceDatabase]:
    """Give each service of a whole platform its database."""
    return {service: await make_database(service) for service in SERVICES}


@pytest.fixture
async def whole(
    databases: dict[str, ServiceDatabase],
    start_gateway: StartGateway,
    seal_keys: Keys,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Door]:
    """Give a gateway before its console and the real services, each on a database of its own."""
    async with AsyncExitStack() as running:
        services = {"console": await running.enter_async_context(served(create_console()))}
        for service in SERVICES:
            database = databases[service]
            with monkeypatch.context() as its:
                its.setenv("LINLI_DATABASE_URL", database.app)
                its.setenv("LINLI_SEAL_PUBLIC_KEYS", seal_keys.public)
                its.setenv("LINLI_CODE_KEY", "0" * 64)
                app = import_module(f"services.{service}.main").create_app()
            services[service] = await running.enter_async_context(served(app))
            if service == "operations":
                await _load_communities(database.app, tmp_path)
        yield await start_gateway(services)


@pytest.fixture
async def ruled(upstream: Upstream, start_gateway: StartGateway) -> AsyncIterator[Door]:
    """Give a gateway with its console before one upstream that plays all services."""
    async with served(upstream) as url, served(create_console()) as console:
        yield await start_gateway({**dict.fromkeys(("points", "scenarios", "operations"), url), "console": console})


@pytest.fixture
async def world(whole: Door, databases: dict[str, ServiceDatabase]) -> AsyncIterator[World]:
    """Give a whole platform in which the community takes part, and the log between its services."""
    made = World(whole, databases)
    async with made.of["operations"].transaction() as session:
        await publish(session, CommunityRegistered(community_code=HERE, name="清波门社区"))
    await made.pass_events()
    yield made
    for database in made.of.values():
        await database.close()
