"""Replicas that are restarted one after another, and what stands before gateways: it asks each whether it is ready."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx

from deploy.bare.processes import UvicornProcess
from deploy.bare.supervisor import ask_health

POLL_S = 0.1
START_S = 60
TAKEN_UP_S = 0.5


class Balancer(httpx.AsyncBaseTransport):
    """Sends each call to the next gateway that is ready; nothing that was sent is tried again, or hidden if it fails.

    What found nobody to connect to was not sent, and goes to the next one, as with any balancer.

    Attributes:
        ready: The ports of those that said so when they were last asked.
        answers: How many calls were answered with each status.
        failures: The calls that got no answer.
    """

    def __init__(self, gateways: Sequence[UvicornProcess]) -> None:
        self._inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=None))
        self._ports = self.ready = [gateway.port for gateway in gateways]
        self._turn = 0
        self.answers: Counter[int] = Counter()
        self.failures: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one call."""
        self._turn += 1
        first = self._turn % len(self.ready)
        for port in dict.fromkeys([*self.ready[first:], *self.ready[:first], *self._ports]):
            request.url = request.url.copy_with(port=port)
            try:
                answer = await self._inner.handle_async_request(request)
            except httpx.ConnectError:
                continue
            except httpx.HTTPError as error:
                self.failures.append(f"{request.method} {request.url}: {error!r}")
                raise
            self.answers[answer.status_code] += 1
            return answer
        self.failures.append(f"{request.method} {request.url}: no gateway is there")
        raise httpx.ConnectError("no gateway is there", request=request)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Keep to the gateways that are ready while the block lasts."""
        task = asyncio.create_task(self._watch())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self._inner.aclose()

    async def _watch(self) -> None:
        while True:
            answers = await asyncio.gather(*map(ask_health, self._ports))
            ready = [port for port, said in zip(self._ports, answers, strict=True) if said.startswith("200")]
            self.ready = ready or self._ports
            await asyncio.sleep(POLL_S)


async def until_ready(process: UvicornProcess) -> None:
    """Wait until a process says that it is ready."""
    async with asyncio.timeout(START_S):
        while not (await ask_health(process.port)).startswith("200"):  # noqa: ASYNC110 - it rings no bell
            await asyncio.sleep(POLL_S)


@asynccontextmanager
async def running(processes: Sequence[UvicornProcess]) -> AsyncIterator[None]:
    """Run processes while the block lasts."""
    for process in processes:
        await process.start()
    try:
        await asyncio.gather(*map(until_ready, processes))
        yield
    finally:
        await asyncio.gather(*(process.stop() for process in processes))


async def roll(replicas: Sequence[UvicornProcess], times: int) -> int:
    """Restart each replica so many times, the next when the one before is ready and had time to be taken up.

    Returns how many restarts that were.
    """
    restarts = 0
    for _ in range(times):
        for replica in replicas:
            await replica.stop()
            await replica.start()
            await until_ready(replica)
            await asyncio.sleep(TAKEN_UP_S)
            restarts += 1
    return restarts
