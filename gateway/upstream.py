"""The services, over pooled HTTP connections: no redirects, no decompression, no retry of a write.

pyreqwest names any failure before the answer's head a ConnectError; only its chain of causes tells whether a
connection was made. A call that is cancelled before the head keeps its connection until the request's own timeout, so
each has one a little beyond its deadline.
"""

from collections.abc import Mapping
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
from gateway.routes import READS

CONNECT_TIMEOUT_S = 1.0
IDLE_S = 4
"""uvicorn closes an idle connection after 5 s; ours must be given up first, or a call meets a closing one."""
GRACE_S = 0.5
LOOK_TIMEOUT_S = 2.0


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
        services: Base URL of each.
    """

    def __init__(self, services: Mapping[str, str]) -> None:
        self._services = {name: url.rstrip("/") for name, url in services.items()}
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

    async def open(self, ask: Ask) -> tuple[StreamRequest, Response]:
        """Send a call and wait for the head of its answer; the caller closes the request.

        A read that met a connection just closing is sent once more, while the budget lasts; a write never is.

        Raises:
            ServiceAway: No connection was made.
            ServiceBroke: The connection ended before the head.
            MalformedCall: A header cannot be passed on.
        """
        may_repeat = ask.method in READS
        self._budget.earn()
        while True:
            try:
                request = self._build(ask)
                return request, await request.__aenter__()
            except BuilderError as error:
                raise MalformedCall(part="headers") from error
            except PyreqwestError as error:
                if _never_connected(error):
                    raise ServiceAway(service=ask.service) from error
                if not (may_repeat and self._budget.spend()):
                    raise ServiceBroke(service=ask.service) from error
                may_repeat = False

    def _build(self, ask: Ask) -> StreamRequest:
        request = (
            self._client.request(
                ask.method, ask.cell.services.get(ask.service, self._services[ask.service]) + ask.target
            )
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
        request = self._client.get(self._services[service] + path).timeout(timedelta(seconds=timeout_s))
        response = await request.build().send()
        return response.status, await response.json()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _never_connected(error: PyreqwestError) -> bool:
    causes = (error.details["causes"] or []) if isinstance(error, DetailedPyreqwestError) else []
    return any(cause["message"] == "client error (Connect)" for cause in causes)
