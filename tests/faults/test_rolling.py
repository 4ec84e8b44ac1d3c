"""Configuration is changed a hundred times, and each replica restarted ten times, while calls go on: none is lost."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import cycle

import httpx
import pytest

from deploy.bare.ports import free_port
from deploy.bare.processes import UvicornProcess
from deploy.demo.callers import Caller, callers
from deploy.demo.forms import QINGBO
from deploy.load.crowd import Crowd
from deploy.load.reckoning import differences
from deploy.load.residents import Resident, settle
from deploy.load.town import lay_out
from gateway.tokens import Issuer
from shared.identity import Identity, Role
from tests.faults.rolling import POLL_S, Balancer, roll, running
from tests.platform import RunningPlatform, running_platform

RELOADS, RESTARTS, REPLICAS = 100, 10, 2
DRAIN_S = "1"
"""Longer than the balancer and the gateways take to notice that a replica is not ready any more."""
IN_FORCE_S = 30
LIMITED = "GET /v1/points/merchants/{merchant_id}"
REVISION = re.compile(r"^linli_gateway_configuration_revision (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Doors:
    """Two gateways before two replicas of points, and what stands before the gateways.

    Attributes:
        gateways: Each is restarted.
        points: Each is restarted.
        balancer: Sends the calls, and counts them.
        http: A client by way of it.
    """

    gateways: Sequence[UvicornProcess]
    points: Sequence[UvicornProcess]
    balancer: Balancer
    http: httpx.AsyncClient


@asynccontextmanager
async def doors(platform: RunningPlatform) -> AsyncIterator[Doors]:
    """Start them."""
    made = platform.configuration
    one, door = made.api("points"), made.gateway()
    draining = {**one.environment, "LINLI_DRAIN_S": DRAIN_S}
    points = [replace(one, name=f"points {n}", port=free_port(), environment=draining) for n in range(REPLICAS)]
    services = json.loads(door.environment["LINLI_SERVICES"])
    services["points"] = [f"http://127.0.0.1:{each.port}" for each in points]
    gateways = []
    for number in range(REPLICAS):
        own = {"LINLI_SERVICES": json.dumps(services), "LINLI_METRICS_ADDRESS": f"127.0.0.1:{free_port()}"}
        environment = {**door.environment, **own, "LINLI_DRAIN_S": DRAIN_S}
        gateways.append(replace(door, name=f"gateway {number}", port=free_port(), environment=environment))
    balancer = Balancer(gateways)
    async with (
        running([*points, *gateways]),
        balancer.watching(),
        httpx.AsyncClient(base_url=platform.url, transport=balancer, timeout=15) as http,
    ):
        yield Doors(gateways, points, balancer, http)


@dataclass(frozen=True)
class Administrator:
    """One of two who change what is in force."""

    issuer: Issuer
    number: int

    async def sign(self, _: httpx.AsyncClient, request: httpx.Request) -> None:
        """Put a token on the request."""
        identity = Identity(f"administrator:{self.number}", (Role("administrator", "33"),))
        request.headers["Authorization"] = f"Bearer {self.issuer.issue(identity, time.time())}"


async def change(doors: Doors, issuer: Issuer, numbers: Sequence[int]) -> None:
    """Put one document after another in force by two persons, and take the last back; each is in force at all doors."""
    first, second = (Caller(doors.http, Administrator(issuer, number)) for number in range(2))
    changed = {"id": ""}
    for number in numbers:
        document = {"per_s": 1_000 + number, "burst": 10_000}
        asked = {"kind": "limit", "name": LIMITED, "document": document, "reason": "演练"}
        changed = await first.post("/v1/console/changes", asked)
        await _decide(doors, second, changed["id"])
    back = await first.post(f"/v1/console/changes/{changed['id']}/reversal", {"reason": "回退"})
    await _decide(doors, second, back["id"])


async def _decide(doors: Doors, second: Caller, change_id: str) -> None:
    before = await _in_force(doors)
    await second.post(f"/v1/console/changes/{change_id}/decision", {"verdict": "approved"})
    async with asyncio.timeout(IN_FORCE_S):
        while await _in_force(doors) <= before:  # noqa: ASYNC110 - other processes decide when
            await asyncio.sleep(POLL_S)


async def _in_force(doors: Doors) -> float:
    """Return the oldest revision that a door which is up goes by."""
    found = []
    for gateway in doors.gateways:
        async with httpx.AsyncClient(base_url=f"http://{gateway.environment['LINLI_METRICS_ADDRESS']}") as http:
            try:
                text = (await http.get("/metrics")).text
            except httpx.TransportError:
                continue
        found += [float(number) for number in REVISION.findall(text)]
    return min(found, default=0.0)


async def read_all_along(http: httpx.AsyncClient, residents: Sequence[Resident]) -> None:
    """Let residents look at their accounts until cancelled."""
    for resident in cycle(residents):
        await Caller(http, resident).get("/v1/points/accounts/me")
        await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
async def platform() -> AsyncIterator[RunningPlatform]:
    """Bring a platform up; which event log it has is of no matter here."""
    async with running_platform("postgres") as brought_up:
        yield brought_up


@pytest.mark.proves("R12", "G21")
async def test_a_hundred_reloads_and_ten_restarts_of_each_replica_lose_no_call(platform: RunningPlatform) -> None:
    async with doors(platform) as opened:
        cast = callers(opened.http, platform.sandbox)
        merchants = await lay_out(cast, 3)
        residents = settle(platform.places, platform.url, QINGBO, 16)
        crowd = Crowd(opened.http, cast, residents, merchants, pause_s=0.4)
        opened.balancer.answers.clear()
        living = asyncio.create_task(crowd.live())
        reading = asyncio.create_task(read_all_along(opened.http, residents))
        restarts = asyncio.gather(*(roll(replicas, RESTARTS) for replicas in (opened.gateways, opened.points)))
        await asyncio.gather(restarts, change(opened, residents[0].issuer, range(RELOADS - 1)))
        crowd.go_home()
        await living
        reading.cancel()
        assert await restarts == [REPLICAS * RESTARTS] * 2
        assert opened.balancer.failures == []
        assert opened.balancer.answers.keys() == {200, 201}, opened.balancer.answers
        assert crowd.books.failures == []
        assert await differences(crowd.books, cast, platform.admin_dsn("linli_points")) == []
