"""p50 and p99 of one redemption, a quote and its execution, through the gateway and straight to the service.

    ./linli up -d && ./linli bench redemption [--flows 800]

A closed loop of 1 and of 16 clients; both ways take turns in one run. Each flow is a resident's who has not called for
a while: the gateway's limits are per caller. CPU is of one quote with its redemption, client and workers included.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import psutil
import uvloop
from pyreqwest.client import Client, ClientBuilder

from benchmarks.running import RunningPlatform, family, find_platform
from deploy.bare.credentials import load_credentials
from deploy.bare.processes import PORTS
from deploy.demo.callers import Caller
from deploy.demo.forms import QINGBO
from deploy.load.crowd import BIN, Books, deed_of
from deploy.load.reckoning import differences
from deploy.load.residents import Resident, settle
from deploy.load.town import POINTS_PER_DEED, lay_out
from shared.identity import HEADER, IdentitySigner

FLOWS_PER_RESIDENT = 8  # of two calls each: within the burst of 20 that the gateway allows
PRICE = 9
ROUNDS = 4
WARM_UP_FLOWS = 160
CREATED = 201
GATEWAY, STRAIGHT = "gateway", "straight"
CALLS = ("quotes", "redemptions")


@dataclass
class Ground:
    """What a flow needs: a client, addresses, merchants, and the signer of identities that the service trusts."""

    http: Client
    bases: Mapping[str, str]
    merchants: list[str]
    signer: IdentitySigner
    books: Books = field(default_factory=Books)

    def credentials(self, way: str, resident: Resident) -> dict[str, str]:
        """Return the header that says who calls."""
        if way == GATEWAY:
            return {"authorization": f"Bearer {resident.token()}"}
        return {HEADER: self.signer.sign(resident.identity, "points", now=time.time())}

    async def post(self, url: str, headers: Mapping[str, str], key: str, body: object) -> tuple[float, dict[str, Any]]:
        """POST; returns the milliseconds it took, and the answer."""
        request = self.http.post(url).headers({**headers, "idempotency-key": key}).body_json(body).build()
        began = time.perf_counter()
        answer = await request.send()
        content = await answer.bytes()
        took_ms = (time.perf_counter() - began) * 1000
        if answer.status != CREATED:
            raise RuntimeError(f"{url}: {answer.status} {bytes(content)!r}")
        return took_ms, json.loads(bytes(content))


@dataclass
class Timing:
    """What one way with so many clients took."""

    took_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    wall_s: float = 0.0

    @contextmanager
    def measured(self, platform: RunningPlatform) -> Iterator[None]:
        """Add the wall time of a block, and the CPU time that each process used."""
        began, before = time.perf_counter(), _cpu_s(platform)
        yield
        self.wall_s += time.perf_counter() - began
        for name, used_s in _cpu_s(platform).items():
            self.cpu_s[name] += max(0.0, used_s - before[name])


def _cpu_s(platform: RunningPlatform) -> dict[str, float]:
    used = {"client": time.process_time()}
    for name, process in platform.processes.items():
        part = name.partition("-")[2] or name
        for member in family(process, name):
            with suppress(psutil.NoSuchProcess):
                times = member.cpu_times()
                used[part] = used.get(part, 0.0) + times.user + times.system
    return used


async def run(ground: Ground, way: str, residents: list[Resident], clients: int, timing: Timing) -> None:
    """Let so many clients do all flows of the residents, one after the other."""
    waiting = list(residents)

    async def client() -> None:
        while waiting:
            resident = waiting.pop()
            headers = ground.credentials(way, resident)
            for _ in range(FLOWS_PER_RESIDENT):
                await _flow(ground, ground.bases[way], headers, resident, timing)

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(client())


async def _flow(ground: Ground, base: str, headers: Mapping[str, str], resident: Resident, timing: Timing) -> None:
    merchant_id = ground.merchants[resident.resident_id.int % len(ground.merchants)]
    wish = {"merchant_id": merchant_id, "price": PRICE}
    took_ms, quote = await ground.post(f"{base}/quotes", headers, uuid.uuid4().hex, wish)
    timing.took_ms["quotes"].append(took_ms)
    key = uuid.uuid4().hex
    took_ms, paid = await ground.post(f"{base}/redemptions", headers, key, {"quote_id": quote["id"]})
    timing.took_ms["redemptions"].append(took_ms)
    ground.books.redemptions[key] = paid
    ground.books.balances[resident.resident_id] -= paid["paid"]
    ground.books.owed[merchant_id] += paid["price"]


async def grant(bin_: Caller, ground: Ground, residents: list[Resident]) -> None:
    """Give each resident points to spend, by a deed."""
    for start in range(0, len(residents), 8):
        some = residents[start : start + 8]
        await asyncio.gather(*(bin_.post("/v1/points/deeds", deed_of(each.resident_id)) for each in some))
    ground.books.balances.update({each.resident_id: POINTS_PER_DEED for each in residents})


def show(clients: int, timings: Mapping[str, Timing]) -> None:
    """Print the lines of one number of clients."""
    cuts = {
        (way, call): statistics.quantiles(timing.took_ms[call], n=100)
        for way, timing in timings.items()
        for call in CALLS
    }
    for call in CALLS:
        ours, theirs = cuts[GATEWAY, call], cuts[STRAIGHT, call]
        figures = (ours[49], ours[98], theirs[49], theirs[98])
        shown = " | ".join(f"{figure:.1f}" for figure in figures)
        print(f"| {clients} | {call} | {shown} | {ours[49] / theirs[49]:.2f} | {ours[98] / theirs[98]:.2f} |")


def show_cost(clients: int, timings: Mapping[str, Timing]) -> None:
    """Print what a flow costs."""
    for way, timing in timings.items():
        flows = len(timing.took_ms["quotes"])
        parts = ("client", "gateway", "api", "postgres", "worker")
        costs = " | ".join(f"{timing.cpu_s[part] / flows * 1000:.2f}" for part in parts)
        print(f"| {clients} | {way} | {flows / timing.wall_s:.0f} | {costs} |")


async def measure(flows: int) -> None:
    """Measure, print, and hold the books against the platform."""
    platform = find_platform()
    await _show_settings(platform)
    keys = load_credentials(platform.places.secrets)
    bases = {
        GATEWAY: f"{platform.url}/v1/points",
        STRAIGHT: f"http://127.0.0.1:{platform.record.base_port + PORTS['points-api']}",
    }
    async with platform.cast() as (_, cast), ClientBuilder().no_proxy().build() as http:
        merchants = await lay_out(cast, 10)
        ground = Ground(http, bases, merchants, IdentitySigner(keys.identity_private_key))
        results = {clients: await _measure_at(platform, cast[BIN], ground, clients, flows) for clients in (1, 16)}
        print("\n| clients | call | gateway p50 ms | p99 | straight p50 | p99 | ratio p50 | p99 |")
        print("|---:|---|---:|---:|---:|---:|---:|---:|")
        for clients, timings in results.items():
            show(clients, timings)
        print("\n| clients | way | flows/s | cpu ms of the client | gateway | API | PostgreSQL | workers |")
        print("|---:|---|---:|---:|---:|---:|---:|---:|")
        for clients, timings in results.items():
            show_cost(clients, timings)
        found = await differences(ground.books, cast, platform.points_dsn())
    print(f"\n{len(ground.books.redemptions):,} redemptions.", end=" ")
    print("; ".join(found) or "Each is there once, the invariants hold, no event was left behind.")


async def _measure_at(
    platform: RunningPlatform, bin_: Caller, ground: Ground, clients: int, flows: int
) -> dict[str, Timing]:
    timings = {GATEWAY: Timing(), STRAIGHT: Timing()}
    for turn in range(ROUNDS + 1):
        for way, timing in timings.items():
            count = (flows // ROUNDS if turn else WARM_UP_FLOWS) // FLOWS_PER_RESIDENT
            residents = settle(platform.places, platform.url, QINGBO, count)
            await grant(bin_, ground, residents)
            if turn:
                with timing.measured(platform):
                    await run(ground, way, residents, clients, timing)
            else:
                await run(ground, way, residents, clients, Timing())
    return timings


async def _show_settings(platform: RunningPlatform) -> None:
    connection = await asyncpg.connect(platform.points_dsn())
    names = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method")
    settings = [f"{name} {await connection.fetchval(f'SHOW {name}')}" for name in names]
    await connection.close()
    print(f"PostgreSQL: {', '.join(settings)}. {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start.")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, default=800, help="quotes with their redemptions, each way and loop")
    uvloop.run(measure(parser.parse_args().flows))


if __name__ == "__main__":
    main()
