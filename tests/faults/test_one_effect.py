"""One effect per key: a hundred times over two gateways, and killed between commit and answer."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import cycle

import asyncpg
import httpx
import pytest

from deploy.bare.ports import free_port
from deploy.bare.processes import UvicornProcess
from deploy.bare.supervisor import ask_health
from deploy.demo.callers import Caller, callers
from deploy.demo.forms import QINGBO
from deploy.load.crowd import BIN, deed_of
from deploy.load.residents import Resident, settle
from deploy.load.town import lay_out
from tests.faults.dying import DIE_IN
from tests.platform import RunningPlatform, running_platform

CALL_TIMEOUT_S = 15.0
TIMES = 100
AT_ONCE = 5
START_S = 60
POLL_S = 0.05


@pytest.fixture(scope="module")
async def platform() -> AsyncIterator[RunningPlatform]:
    """Bring a platform up; which event log it has is of no matter here."""
    async with running_platform("postgres") as running:
        yield running


@dataclass(frozen=True)
class Doors:
    """Two gateways in front of one points API; all three may die and come back at once."""

    http: tuple[httpx.AsyncClient, httpx.AsyncClient]
    cast: tuple[dict[str, Caller], dict[str, Caller]]
    merchant_id: str


@asynccontextmanager
async def two_gateways(platform: RunningPlatform) -> AsyncIterator[Doors]:
    """Start them."""
    made = platform.configuration
    points = replace(made.api("points"), name="points", target="tests.faults.dying:create_points", port=free_port())
    async with AsyncExitStack() as opened:
        started = [points]
        for number in range(2):
            gateway = made.gateway()
            services = {
                **json.loads(gateway.environment["LINLI_SERVICES"]),
                "points": f"http://127.0.0.1:{points.port}",
            }
            own = {"LINLI_SERVICES": json.dumps(services), "LINLI_METRICS_ADDRESS": f"127.0.0.1:{free_port()}"}
            environment = {**gateway.environment, **own}
            target, name = "tests.faults.dying:create_gateway", f"gateway {number}"
            started.append(replace(gateway, name=name, target=target, port=free_port(), environment=environment))
        for process in started:
            await opened.enter_async_context(_kept(process))
        clients = [await opened.enter_async_context(_client(process)) for process in started[1:]]
        first, second = (callers(client, platform.sandbox) for client in clients)
        [merchant_id] = await lay_out(first, 1)
        yield Doors((clients[0], clients[1]), (first, second), merchant_id)


@asynccontextmanager
async def _kept(process: UvicornProcess) -> AsyncIterator[None]:
    """Keep a process running, without the pauses that a supervisor makes."""

    async def keep() -> None:
        while True:
            await process.start()
            assert process.process
            await process.process.wait()

    keeping = asyncio.create_task(keep())
    async with asyncio.timeout(START_S):
        while not (await ask_health(process.port)).startswith("200"):  # noqa: ASYNC110 - it rings no bell
            await asyncio.sleep(POLL_S)
    yield
    keeping.cancel()
    await process.stop()


def _client(process: UvicornProcess) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{process.port}", timeout=CALL_TIMEOUT_S, limits=limits)


@dataclass(frozen=True)
class Run:
    """One resident earns once and pays once, each a hundred times under one key."""

    doors: Doors
    resident: Resident
    dies: str

    async def earn_and_pay(self, points: asyncpg.Pool) -> None:
        """Do both, and look for what came of it.

        Raises:
            AssertionError: Answers differ, or there is not exactly one effect.
        """
        resident_id = self.resident.resident_id
        await self._one_answer([cast[BIN] for cast in self.doors.cast], "/v1/points/deeds", deed_of(resident_id))
        own = [Caller(http, self.resident) for http in self.doors.http]
        quote = await own[0].post("/v1/points/quotes", {"merchant_id": self.doors.merchant_id, "price": 90})
        paid = await self._one_answer(own, "/v1/points/redemptions", {"quote_id": quote["id"]})
        effects = await points.fetchrow(
            """SELECT (SELECT count(*) FROM deed WHERE resident_id = $1) AS deeds,
                      (SELECT array_agg(redemption_id::text) FROM redemption WHERE resident_id = $1) AS redemptions,
                      (SELECT balance FROM account WHERE owner = $2) AS balance""",
            resident_id,
            f"resident:{resident_id}",
        )
        assert dict(effects) == {"deeds": 1, "redemptions": [paid["id"]], "balance": 100}

    async def _one_answer(self, doors: list[Caller], path: str, body: object) -> dict[str, str]:
        key = f"{DIE_IN}{self.dies}-{uuid.uuid4().hex}"
        turns: Iterator[Caller] = cycle(doors)
        answers = await asyncio.gather(*(next(turns).try_post(path, body, key=key) for _ in range(TIMES)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        # The one answer that was no replay never left: its process had died between the commit and it.
        assert all("Idempotency-Replayed" in answer.headers for answer in answers)
        answer: dict[str, str] = answers[0].json()
        return answer


@pytest.mark.parametrize(
    "runs", [2, pytest.param(100, marks=[pytest.mark.nightly, pytest.mark.proves("R3")], id="200 keys")]
)
async def test_a_key_used_a_hundred_times_over_two_gateways_that_die_before_they_answer_has_one_effect(
    platform: RunningPlatform, runs: int
) -> None:
    async with (
        asyncpg.create_pool(platform.admin_dsn("linli_points"), min_size=1, max_size=1) as points,
        two_gateways(platform) as doors,
    ):
        residents = settle(platform.places, platform.url, QINGBO, runs)
        todo = [Run(doors, one, dies) for one, dies in zip(residents, cycle(("points", "gateway")), strict=False)]
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(run: Run) -> None:
            async with limit:
                await run.earn_and_pay(points)

        await asyncio.gather(*map(one, todo))
