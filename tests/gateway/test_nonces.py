"""One verifier at the door for five dialects, and nonces that all replicas share."""

import asyncio
import base64
import hmac
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from gateway.console.main import create_app as create_console
from tests.gateway.knock import Door, StartGateway, Upstream, metrics, served
from tests.gateway.ruling import DEEDS, DIALECTS, FREE, application, put, secret_of, strong

PATH, FREE_PATH = DEEDS.split(" ")[1], FREE.split(" ")[1]
WITH_NONCE = [name for name in DIALECTS if name != "x-bg-hmac"]


@asynccontextmanager
async def database_down(door: Door) -> AsyncIterator[None]:
    """Take the gateway's database away, as a server that refuses and drops connections."""
    url = make_url(door.database.admin)
    admin = await asyncpg.connect(url.set(database="postgres").render_as_string(hide_password=False))
    await admin.execute(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false")
    await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", url.database)
    try:
        yield
    finally:
        await admin.execute(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true")
        await admin.close()


async def _registered(door: Door) -> str:
    await put(door, "application", "bins-2", application())
    return await secret_of(door, "bins-2")


async def _send(door: Door, dialect: str, method: str, path: str, secret: str, body: bytes = b"") -> int:  # noqa: PLR0917
    headers = {"Idempotency-Key": "a-key-of-a-test", **DIALECTS[dialect](method, path, "bins-2", secret, body)}
    return (await door.http.request(method, path, headers=headers, content=body)).status_code


@pytest.mark.proves("G3")
async def test_all_dialects_open_the_door_and_the_strong_ones_bind_body_and_nonce(
    ruled: Door, upstream: Upstream
) -> None:
    secret = await _registered(ruled)
    for dialect in DIALECTS:
        assert (dialect, await _send(ruled, dialect, "GET", FREE_PATH, secret)) == (dialect, 200)
        assert (dialect, await _send(ruled, dialect, "POST", PATH, secret, b'{"a":1}')) == (dialect, 200)
        assert (dialect, await _send(ruled, dialect, "POST", PATH, "another", b'{"a":1}')) == (dialect, 401)
    served_calls = len(upstream.seen)
    for dialect in ("x-ca", "rfc9421-sha256", "rfc9421-sm3"):
        headers = {"Idempotency-Key": "a-key-of-a-test", **DIALECTS[dialect]("POST", PATH, "bins-2", secret, b"{}")}
        altered = await ruled.http.post(PATH, headers=headers, content=b'{"points":9}')
        assert (altered.status_code, altered.json()["type"].rsplit("/")[-1]) == (401, "invalid-signature")
    for dialect in ("rfc9421-sha256", "rfc9421-sm3"):
        headers = DIALECTS[dialect]("POST", PATH, "bins-2", secret, b"{}")
        unbound = {name: value for name, value in headers.items() if name != "Content-Digest"}
        assert (await ruled.http.post(PATH, headers=unbound, content=b"{}")).status_code == 401
    both = {
        **DIALECTS["x-ca"]("GET", FREE_PATH, "bins-2", secret),
        **DIALECTS["x-bg-hmac"]("GET", FREE_PATH, "bins-2", secret),
    }
    assert (await ruled.http.get(FREE_PATH, headers=both)).json()["type"].endswith("/credentials-required")
    assert len(upstream.seen) == served_calls


async def test_an_application_signs_only_in_the_dialects_it_is_registered_for(ruled: Door) -> None:
    await put(ruled, "application", "bins-2", application(dialects=["rfc9421-sm3"]))
    secret = await secret_of(ruled, "bins-2")
    statuses = {dialect: await _send(ruled, dialect, "GET", FREE_PATH, secret) for dialect in DIALECTS}
    assert statuses == {**dict.fromkeys(DIALECTS, 401), "rfc9421-sm3": 200}


@pytest.mark.proves("G4")
async def test_a_nonce_is_good_once_over_all_replicas_and_without_the_store_reads_pass_and_writes_wait(
    upstream: Upstream, start_gateway: StartGateway
) -> None:
    async with served(upstream) as url, served(create_console()) as console:
        services = {**dict.fromkeys(("points", "scenarios", "operations"), url), "console": console}
        replicas = [await start_gateway(services) for _ in range(2)]
        secret = await _registered(replicas[0])
        await put(replicas[0], "application", "bins-3", application())
        other = await secret_of(replicas[0], "bins-3")
        for dialect in WITH_NONCE:
            headers = {"Idempotency-Key": "a-key-of-a-test", **DIALECTS[dialect]("POST", PATH, "bins-2", secret)}
            calls = [replicas[turn % 2].http.post(PATH, headers=headers) for turn in range(32)]
            statuses = sorted(answer.status_code for answer in await asyncio.gather(*calls))
            assert (dialect, statuses) == (dialect, [200] + [401] * 31)
        await _scoped_to_the_application(replicas[1], secret, other)
        async with database_down(replicas[0]):
            for dialect in WITH_NONCE:
                assert (dialect, await _send(replicas[0], dialect, "GET", FREE_PATH, secret)) == (dialect, 200)
                assert (dialect, await _send(replicas[0], dialect, "POST", PATH, secret)) == (dialect, 503)
            assert "linli_gateway_nonces_unchecked_total 0.0" not in metrics()
        assert await _send(replicas[0], "x-ca", "POST", PATH, secret) == 200


async def _scoped_to_the_application(door: Door, secret: str, other: str) -> None:
    sign, nonce = strong("sha256"), "the-same-nonce"
    for name, own in (("bins-2", secret), ("bins-3", other)):
        headers = _with_nonce(sign("GET", FREE_PATH, name, own), nonce, own)
        assert (await door.http.get(FREE_PATH, headers=headers)).status_code == 200


def _with_nonce(headers: dict[str, str], nonce: str, secret: str) -> dict[str, str]:
    params = re.sub(r'nonce="[^"]*"', f'nonce="{nonce}"', headers["Signature-Input"].removeprefix("sig1="))
    base = f'"@method": GET\n"@path": {FREE_PATH}\n"@query": ?\n"@signature-params": {params}'
    signature = base64.b64encode(hmac.digest(secret.encode(), base.encode(), "sha256")).decode()
    return {"Signature-Input": f"sig1={params}", "Signature": f"sig1=:{signature}:"}


async def test_while_its_database_is_away_the_door_goes_by_what_it_knows(ruled: Door) -> None:
    secret = await _registered(ruled)
    async with database_down(ruled):
        await asyncio.sleep(0.7)
        assert await _send(ruled, "x-bg-hmac", "GET", FREE_PATH, secret) == 200
        assert (await ruled.http.post("/v1/points/quotes", headers=ruled.write())).status_code == 200


async def test_a_gateway_that_never_read_what_is_in_force_lets_nobody_in(
    upstream: Upstream, start_gateway: StartGateway
) -> None:
    async with served(upstream) as url:
        first = await start_gateway({"points": url})
        async with database_down(first):
            late = await start_gateway({"points": url})
            refused = await late.http.get("/v1/points/accounts/me", headers=late.bearer())
            assert (refused.status_code, refused.json()["type"].rsplit("/")[-1]) == (503, "configuration-away")
            assert (await late.http.get("/health/ready")).json()["services"][0] == "configuration"
        async with asyncio.timeout(10):
            while (await late.http.get("/v1/points/accounts/me", headers=late.bearer())).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
