"""The services, over pooled HTTP connections: no redirects, no decompression, no retry of a write that was sent.

pyreqwest names any failure before the answer's head a ConnectError; only its chain of causes tells whether a
connection was made. A call that is cancelled before the head keeps its connection until the request's own timeout, so
each has one a little beyond its deadline.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, DetailedPyreqwestError, PyreqwestError
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response

from gateway.breakers import RetryBudget
from gateway.cells import Cell
from gateway.outages import ServiceAway, ServiceBroke
from gateway.refusals import MalformedCall
from gateway.replicas import Replicas
from gateway.routes import READS

CONNECT_TIMEOUT_S = 1.0
IDLE_S = 4
"""uvicorn closes an idle connection after 5 s; ours must be given up first, or a call meets a closing one."""
GRACE_S = 0.5
LOOK_TIMEOUT_S = 2.0
CHOOSE_EVERY_S = 0.25
"""How often replicas are asked whether they are ready; a replica drains for longer (LINLI_DRAIN_S)."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One call to a service.

    Attributes:
        service: By its name in the settings.
        cell: Whose.
        method: Of HTTP.
        target: Path and query.
        headers: All that are sent.
        body: What the caller sends, whole.
        timeout_s: After which nobody waits for the answer any more.
    """

    service: str
    cell: Cell
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    timeout_s: float


class Upstream:
    """Calls services.

    Args:
        services: The base URLs of each.
    """

    def __init__(self, services: Mapping[str, Sequence[str]]) -> None:
        self._services = {name: Replicas([url.rstrip("/") for url in urls]) for name, urls in services.items()}
        self._budget = RetryBudget()
        self._client: Client = (
            ClientBuilder()
            .follow_redirects(enable=False)
            .gzip(enable=False)
            .brotli(enable=False)
            .zstd(enable=False)
            .deflate(enable=False)
            .referer(enable=False)
            .no_proxy()
            .connect_timeout(timedelta(seconds=CONNECT_TIMEOUT_S))
            .pool_idle_timeout(timedelta(seconds=IDLE_S))
            .build()
        )

    @property
    def services(self) -> list[str]:
        """The names of the services."""
        return list(self._services)

    async def follow(self) -> None:
        """Keep to the replicas that are ready, until cancelled; a service that has one leaves no choice."""
        several = [replicas for replicas in self._services.values() if len(replicas.urls) > 1]
        while several:
            await asyncio.gather(*(self._ask_whether_ready(replicas) for replicas in several))
            await asyncio.sleep(CHOOSE_EVERY_S)

    async def _ask_whether_ready(self, replicas: Replicas) -> None:
        ready = await asyncio.gather(*map(self.is_ready, replicas.urls))
        replicas.ready = [url for url, is_ready in zip(replicas.urls, ready, strict=True) if is_ready]

    async def open(self, ask: Ask) -> tuple[StreamRequest, Response]:
        """Send a call and wait for the head of its answer; the caller closes the request.

        A read that met a connection just closing is sent once more, while the budget lasts; a write never is. What
        found nobody to connect to was not sent: it goes to each other replica once.

        Raises:
            ServiceAway: No connection was made.
            ServiceBroke: The connection ended before the head.
            MalformedCall: A header cannot be passed on.
        """
        own = ask.cell.services.get(ask.service)
        untried = [own] if own else self._services[ask.service].in_turn()
        may_repeat = ask.method in READS
        self._budget.earn()
        while True:
            try:
                request = self._build(ask, untried[0])
                return request, await request.__aenter__()
            except BuilderError as error:
                raise MalformedCall(part="headers") from error
            except PyreqwestError as error:
                if _never_connected(error):
                    untried = untried[1:]
                    if not untried:
                        raise ServiceAway(service=ask.service) from error
                elif may_repeat and self._budget.spend():
                    may_repeat = False
                else:
                    raise ServiceBroke(service=ask.service) from error

    def _build(self, ask: Ask, url: str) -> StreamRequest:
        request = (
            self._client.request(ask.method, url + ask.target)
            .headers(ask.headers)
            .timeout(timedelta(seconds=ask.timeout_s + GRACE_S))
            # The default holds the head back until 64 KiB or the end have come.
            .streamed_read_buffer_limit(0)
        )
        if ask.body:
            request = request.body_bytes(ask.body)
        return request.build_streamed()

    async def look(self, service: str, path: str, *, timeout_s: float = LOOK_TIMEOUT_S) -> tuple[int, Any]:
        """GET a JSON document of the service itself, for the gateway's own use.

        Raises:
            pyreqwest.exceptions.PyreqwestError: It does not answer.
        """
        url = self._services[service].in_turn()[0] + path
        response = await self._client.get(url).timeout(timedelta(seconds=timeout_s)).build().send()
        return response.status, await response.json()

    async def is_ready(self, url: str) -> bool:
        """Ask one replica whether it can do its work."""
        try:
            asked = self._client.get(url + "/health/ready").timeout(timedelta(seconds=LOOK_TIMEOUT_S))
            return (await asked.build().send()).status == 200  # noqa: PLR2004 - the one status that means ready
        except PyreqwestError:
            return False

    async def any_is_ready(self, service: str) -> bool:
        """Tell whether some replica of a service can do its work."""
        return any([await self.is_ready(url) for url in self._services[service].urls])

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _never_connected(error: PyreqwestError) -> bool:
    causes = (error.details["causes"] or []) if isinstance(error, DetailedPyreqwestError) else []
    return any(cause["message"] == "client error (Connect)" for cause in causes)
