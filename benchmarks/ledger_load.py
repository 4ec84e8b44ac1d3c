"""A load client that costs little: requests made beforehand, over plain sockets, in a closed loop."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import httptools

REFUSED_FROM = 400


@dataclass
class Load:
    """Requests that wait to be sent, and what came of those that were.

    Attributes:
        waiting: What is to be sent, in whole HTTP/1.1 requests.
        took_ms: What each answer took.
        statuses: How many had which status.
    """

    waiting: deque[bytes]
    took_ms: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    async def run(self, port: int, clients: int) -> None:
        """Send all, each client one after the other."""
        loop = asyncio.get_running_loop()
        connections = [await loop.create_connection(lambda: _Client(self), "127.0.0.1", port) for _ in range(clients)]
        await asyncio.gather(*(client.done for _, client in connections))


class _Client(asyncio.Protocol):
    """One connection; sends the next request as soon as the last is answered."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._parser = httptools.HttpResponseParser(self)
        self._began = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._load.took_ms.append((time.perf_counter() - self._began) * 1000)
        status = self._parser.get_status_code()
        self._load.statuses[status] = self._load.statuses.get(status, 0) + 1
        self._parser = httptools.HttpResponseParser(self)
        self._next()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionResetError("the server hung up"))

    def _next(self) -> None:
        if not self._load.waiting:
            self.done.set_result(None)
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(self._load.waiting.popleft())


def request_of(path: str, key: str, identity: str, body: object) -> bytes:
    """Return a POST as it stands on the wire."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: points\r\ncontent-type: application/json\r\nidempotency-key: {key}\r\n"
        f"linli-identity: {identity}\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def shares(requests: Sequence[bytes]) -> Load:
    """Return a load of requests."""
    return Load(deque(requests))
