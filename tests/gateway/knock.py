"""What a test of the gateway holds: a real upstream on a real port, and a door to knock at."""

import asyncio
import json
import re
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from prometheus_client import generate_latest
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.routes import ROUTES
from gateway.tokens import Issuer
from shared.identity import Identity
from tests.ground import Keys, ServiceDatabase, identity
from tests.scan import RUN

RESIDENT = identity("resident:1", ("resident", "330102001051"))
OFFICIAL = identity("official:1", ("official", "330102"))
ADMINISTRATORS = [identity(f"administrator:{n}", ("administrator", "33")) for n in (1, 2)]
PUBLIC_URL = "http://gateway.test"
SECRET = "a-secret-of-the-bins"
PASSWORD = "a-password-of-li"


def _permissive() -> bytes:
    """Describe all operations as taking anything, which is what a test of other things wants."""
    asked = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("a", "b", "do", "note")]
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        named = re.findall(r"\{([^}]*)\}", route.path)
        inside = [{"name": each, "in": "path", "required": True, "schema": {"type": "string"}} for each in named]
        body: dict[str, Any] = {"requestBody": {"content": {"*/*": {}}}}
        paths.setdefault(route.path, {})[route.method.lower()] = {"parameters": [*asked, *inside], **body}
    return json.dumps({"openapi": "3.1.0", "paths": paths}).encode()


PERMISSIVE = _permissive()
PERMISSIVE_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(PERMISSIVE), PERMISSIVE)
"""The same, for a service that is a bare socket."""


@dataclass
class Seen:
    """A call as it reached the upstream."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Upstream:
    """A service of few words; the query tells it what to do, and it remembers the calls it got."""

    seen: list[Seen] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] != "http":
            return
        if scope["path"] == "/openapi.json":
            await _answer(send, 200, PERMISSIVE, (b"content-type", b"application/json"))
            return
        body = await _read(receive)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.seen.append(Seen(scope["method"], scope["path"], scope["query_string"].decode(), headers, body))
        acts = {b"do=wait": self._wait, b"do=stream": self._stream, b"do=cut": self._cut, b"do=drip": self._drip}
        act = acts.get(scope["query_string"])
        if act:
            await act(receive, send)
        elif scope["query_string"] == b"do=redirect":
            await _answer(send, 302, b"", (b"location", b"http://elsewhere.test/"))
        else:
            extra = [(b"server", b"upstream"), (b"linli-inner", b"1"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
            await _answer(send, 200, b'{"ok":true}', *extra)

    async def _wait(self, receive: Receive, _: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left.set()

    async def _stream(self, _: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await self.go_on.wait()
        await send({"type": "http.response.body", "body": b"second"})

    async def _drip(self, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await self._wait(receive, send)

    async def _cut(self, _: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        raise ConnectionAbortedError


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def _answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served(app: ASGIApp, port: int = 0, *, ours: bool = True) -> AsyncIterator[str]:
    """Serve an app on a port, a free one unless told; gives its URL. What others answer is input, and not scanned."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", port))
    config = uvicorn.Config(
        RUN.looked_at(app, taken.getsockname()[1], ours=ours),
        http="httptools",
        log_level="critical",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([taken]))
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    server.should_exit = True
    await task
    taken.close()


def metrics() -> str:
    """Read the metrics of this process, in which the gateways of a test run."""
    return generate_latest().decode()


def pem() -> Keys:
    """Make a key pair."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Keys(private.decode(), public.decode())


@dataclass(frozen=True)
class Door:
    """A running gateway, and what a test needs to knock."""

    http: httpx.AsyncClient
    issuer: Issuer
    token_key: str
    audit_dir: Path
    database: ServiceDatabase

    def bearer(self, who: Identity = RESIDENT) -> dict[str, str]:
        """Give the headers of a user's call."""
        return {"Authorization": f"Bearer {self.issuer.issue(who, time.time())}"}

    def write(self, who: Identity = RESIDENT) -> dict[str, str]:
        """Give the headers of a user's write."""
        return {**self.bearer(who), "Idempotency-Key": secrets.token_hex(8)}

    def audit(self) -> list[dict[str, Any]]:
        """Read the records so far."""
        files = sorted(self.audit_dir.glob("*.jsonl"))
        records = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
        return [record for record in records if record["kind"] == "call"]


StartGateway = Callable[[Mapping[str, str | list[str]]], Awaitable[Door]]
