"""What the gateway adds to a call, against the same service called directly and through its peers in the same run.

    python -m benchmarks.gateway [--seconds 5] [--clients 32]

The upstream is a bare ASGI app with a small JSON answer, so the ratio shows the gateway at its worst: before a real
service its share is smaller. Its peers proxy the same upstream with no check at all: nginx, when it is installed, with
one worker, and FastAPI with httpx. The gateway has every check of a user's read on, with a database of its own. Load
generator, proxies and upstream share this machine's cores; CPU time per call is the figure that depends on that least.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import asyncpg
import httpx
import psutil
from alembic import command
from alembic.config import Config
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI, Response
from starlette.types import Receive, Scope, Send

from deploy.bare.credentials import new_credentials
from deploy.bare.places import ROOT
from deploy.bare.postgres import EmbeddedPostgres
from deploy.bare.provision import application, database, dsn, owner, provision
from gateway.tokens import Issuer
from shared.identity import Identity, Role

PUBLIC_URL = "http://gateway.test"
# Each client is a person of its own, and there are enough of them that the limits of a person do not show.
PEOPLE = 2000
NGINX = """worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  keepalive_requests 100000000;
  upstream service {{ server 127.0.0.1:{service}; keepalive 64; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{port}; location / {{
    proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}
}}"""


@dataclass(frozen=True)
class Load:
    """How it is called: as fast as the answers come, or in open loop, at a rate a second."""

    clients: int
    seconds: float
    rate: float = 0.0


ANSWER = b'{"balance":1200,"as_of":"2026-01-01T00:00:00Z","lots":[{"id":"a","points":700},{"id":"b","points":500}]}'
DESCRIPTION = json.dumps({"openapi": "3.1.0", "paths": {"/accounts/me": {"get": {"responses": {}}}}}).encode()


async def small(scope: Scope, _: Receive, send: Send) -> None:
    """Answer a hundred bytes of JSON, or say what is taken: nothing but the path."""
    if scope["type"] == "http":
        body = DESCRIPTION if scope["path"] == "/openapi.json" else ANSWER
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@cache
def _http() -> httpx.AsyncClient:
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=64, max_keepalive_connections=64))


def create_peer() -> FastAPI:
    """Build the proxy that is written first: FastAPI with httpx, and no check."""
    app, service = FastAPI(), os.environ["BENCHMARK_SERVICE"]

    @app.get("/{path:path}")
    async def forward(path: str) -> Response:
        answer = await _http().get(f"{service}/{path}")
        return Response(answer.content, answer.status_code, media_type=answer.headers["content-type"])

    return app


def _key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    pem, pkcs8, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(pem, pkcs8, plain).decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _program(arguments: list[str], port: int, environment: dict[str, str]) -> Iterator[psutil.Process]:
    process = subprocess.Popen(  # noqa: S603 - our own programs
        arguments, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _uvicorn(target: str, port: int) -> list[str]:
    options = ["--port", str(port), "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-server-header"]
    factory = [] if target.endswith(":small") else ["--factory"]
    return [sys.executable, "-m", "uvicorn", target, *options, *factory, "--no-proxy-headers"]


@contextmanager
def _nginx(folder: Path, port: int, service: int) -> Iterator[psutil.Process | None]:
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        yield None
        return
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port, service=service))
    with _program([program, "-c", str(configuration)], port, {}) as master:
        yield master.children()[0]


@asynccontextmanager
async def _database(folder: Path) -> AsyncIterator[str]:
    """Give the gateway a database of its own, on a server of its own; its limit per address is out of the way."""
    folder.chmod(0o711)  # noqa: ASYNC240 - at once; run by root, the server belongs to another account
    server = EmbeddedPostgres(folder / "postgres", _free_port(), log=folder / "postgres.log")
    await server.start()
    passwords = new_credentials().roles
    await provision(server.dsn(), passwords, services=["gateway"])
    config = Config(str(ROOT / "alembic.ini"), ini_section="gateway")
    role = owner("gateway")
    config.attributes["database_url"] = dsn(server.dsn(), role, passwords[role], database("gateway"))
    await asyncio.to_thread(command.upgrade, config, "heads")
    admin = await asyncpg.connect(server.dsn(database("gateway")))
    await admin.execute(
        "INSERT INTO setting (kind, name, revision, document, changed_by) VALUES ('limit', 'address', 1, $1, uuidv7())",
        json.dumps({"per_s": 10_000, "burst": 100_000}),
    )
    await admin.close()
    yield dsn(server.dsn(), application("gateway"), passwords[application("gateway")], database("gateway"))
    await server.stop()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("a process did not start")


async def _client(port: int, calls: list[bytes], until: float, took_s: list[float], rate: float) -> None:
    """Call again and again; with a rate a second, at random as people do, and a call counts from when it was due."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn, due = 0, time.perf_counter()
    while time.perf_counter() < until:
        if rate:
            due += random.expovariate(rate)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        started = due if rate else time.perf_counter()
        writer.write(calls[turn % len(calls)])
        await _answer(reader)
        took_s.append(time.perf_counter() - started)
        turn += 1
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))


def _call(path: str, token: str | None) -> bytes:
    credential = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n{credential}\r\n".encode()


def _measure(name: str, port: int, calls: list[bytes], load: Load, cpu_of: psutil.Process) -> tuple[float, ...]:
    """Call, print, and return the rate a second, p50 and p99 in milliseconds."""

    async def run() -> list[float]:
        took_s: list[float] = []
        until = time.perf_counter() + load.seconds
        shares = [calls[client :: load.clients] for client in range(load.clients)]
        await asyncio.gather(*(_client(port, share, until, took_s, load.rate / load.clients) for share in shares))
        return took_s

    before = cpu_of.cpu_times()
    took_s = asyncio.run(run())
    after = cpu_of.cpu_times()
    cpu_us = (after.user + after.system - before.user - before.system) / len(took_s) * 1e6
    cuts = statistics.quantiles(took_s, n=100)
    rate, p50_ms, p99_ms = len(took_s) / load.seconds, cuts[49] * 1000, cuts[98] * 1000
    shown = f"{rate:>8,.0f}/s   p50 {p50_ms:6.2f} ms   p99 {p99_ms:7.2f} ms   {cpu_us:5.0f} µs CPU a call"
    print(f"  {name:<20}{shown}", flush=True)
    return rate, p50_ms, p99_ms


async def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", type=int, default=32)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        async with _database(Path(name)) as database_url:
            await asyncio.to_thread(_compare, Path(name), database_url, Load(asked.clients, asked.seconds))


def _compare(folder: Path, database_url: str, load: Load) -> None:
    token_key, now = _key(), time.time()
    service, door, front, peer = (_free_port() for _ in range(4))
    issuer, role = Issuer(PUBLIC_URL, token_key), (Role("resident", "330102001051"),)
    people = [issuer.issue(Identity(f"resident:{n}", role), now) for n in range(PEOPLE)]
    direct, through = [_call("/accounts/me", None)] * PEOPLE, [_call("/v1/points/accounts/me", t) for t in people]
    environment = {
        "LINLI_DATABASE_URL": database_url,
        "LINLI_REGISTRY_KEY": "0" * 32,
        "LINLI_IDENTITY_PRIVATE_KEY": _key(),
        "LINLI_TOKEN_PRIVATE_KEY": token_key,
        "LINLI_SERVICES": json.dumps({"points": f"http://127.0.0.1:{service}"}),
        "LINLI_AUDIT_DIR": str(folder / "audit"),
        "LINLI_PUBLIC_URL": PUBLIC_URL,
    }
    with ExitStack() as running:
        upstream = running.enter_context(_program(_uvicorn("benchmarks.gateway:small", service), service, {}))
        gateway = running.enter_context(_program(_uvicorn("gateway.main:create_app", door), door, environment))
        address = {"BENCHMARK_SERVICE": f"http://127.0.0.1:{service}"}
        fastapi = running.enter_context(_program(_uvicorn("benchmarks.gateway:create_peer", peer), peer, address))
        nginx = running.enter_context(_nginx(folder, front, service))
        asyncio.run(_warm(door, through))
        for clients in (1, load.clients):
            print(f"{clients} client(s)")
            each = Load(clients, load.seconds)
            straight = _measure("direct", service, direct, each, upstream)
            own = _measure("gateway", door, through, each, gateway)
            first = _measure("FastAPI with httpx", peer, direct, each, fastapi)
            print(f"  {own[0] / straight[0]:.2f} of direct; {own[0] / first[0]:.1f} of FastAPI with httpx")
            if nginx:
                bare = _measure("nginx, no check", front, direct, each, nginx)
                print(f"  {own[0] / bare[0]:.3f} of nginx with no check")
        half = Load(load.clients, load.seconds, own[0] / 2)
        print(f"half load, {half.rate:,.0f}/s")
        straight = _measure("direct", service, direct, half, upstream)
        own = _measure("gateway", door, through, half, gateway)
        print(f"  adds {own[1] - straight[1]:.2f} ms at p50, {own[2] - straight[2]:.2f} ms at p99")
        print(f"gateway RSS {gateway.memory_info().rss / 2**20:.0f} MiB")


async def _warm(port: int, calls: list[bytes]) -> None:
    """Let every token be checked and signed once: that is paid once in 30 s, not once a call."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for call in calls:
        writer.write(call)
        await _answer(reader)
    writer.close()


if __name__ == "__main__":
    asyncio.run(main())
