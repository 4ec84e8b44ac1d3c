"""A gateway on a real port before a real upstream on a real port: sockets are what a proxy is about."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from gateway.console.main import create_app as create_console
from gateway.main import create_app
from gateway.tokens import Issuer
from tests.gateway.knock import PASSWORD, PUBLIC_URL, SECRET, Door, StartGateway, Upstream, pem, served
from tests.ground import Keys, MakeDatabase


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
    monkeypatch.setenv("LINLI_IDENTITY_PUBLIC_KEY", identity_keys.public)
    monkeypatch.setenv("LINLI_IDENTITY_PRIVATE_KEY", identity_keys.private)
    monkeypatch.setenv("LINLI_TOKEN_PRIVATE_KEY", token_keys.private)
    monkeypatch.setenv("LINLI_SANDBOX", str(sandbox))
    monkeypatch.setenv("LINLI_AUDIT_DIR", str(tmp_path / "audit"))
    monkeypatch.setenv("LINLI_PUBLIC_URL", PUBLIC_URL)
    async with AsyncExitStack() as running:

        async def start(services: dict[str, str]) -> Door:
            monkeypatch.setenv("LINLI_SERVICES", json.dumps(services))
            url = await running.enter_async_context(served(create_app()))
            http = await running.enter_async_context(httpx.AsyncClient(base_url=url))
            return Door(http, Issuer(PUBLIC_URL, token_keys.private), token_keys.private, tmp_path / "audit", database)

        yield start


@pytest.fixture
def upstream() -> Upstream:
    """Give the service behind the gateway."""
    return Upstream()


@pytest.fixture
async def door(upstream: Upstream, start_gateway: StartGateway) -> AsyncIterator[Door]:
    """Give a gateway before one upstream that plays all services."""
    async with served(upstream) as url:
        yield await start_gateway(dict.fromkeys(("points", "scenarios", "operations"), url))


@pytest.fixture
async def ruled(upstream: Upstream, start_gateway: StartGateway) -> AsyncIterator[Door]:
    """Give a gateway with its console before one upstream that plays all services."""
    async with served(upstream) as url, served(create_console()) as console:
        yield await start_gateway({**dict.fromkeys(("points", "scenarios", "operations"), url), "console": console})
