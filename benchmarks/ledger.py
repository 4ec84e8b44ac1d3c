"""Transfers a second, in process and through HTTP, beside pgbench, the ORM, bare posting and the framework alone.

    ./linli bench ledger [--seconds 3] [--rounds 2]

It starts a PostgreSQL of its own. All run in turns, in rounds; each figure is the median of its rounds. `api` is the
process that posts (in process it is the client too). Afterwards the book is held against its invariants.
"""

import argparse
import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import count

import asyncpg
import uvloop

from benchmarks.ledger_ground import QINGBO, RESIDENTS, Api, Figures, Ground, a_server, found
from benchmarks.ledger_load import request_of, shares
from benchmarks.ledger_peers import Move, make_peers, move_bare, move_by_orm
from benchmarks.ledger_table import HEAD, show, show_ratios
from benchmarks.ledger_workloads import EXPIRES, MERCHANTS, WORKLOADS, deed, transfer
from deploy.bare.provision import application
from services.points.ledger.post import post
from services.points.ledger.queries import check_integrity
from services.points.ledger.rules import (
    ISSUER,
    NewLot,
    Posting,
    resident,
)
from shared.database import Database
from shared.events.points import RedemptionCaptured
from shared.group import Group
from shared.idempotency import Answer, Asked, KeyReused, answer_once
from shared.identity import Identity, IdentitySigner, Role
from shared.outbox import publish

BIN = Identity("application:bins", (Role("device", "330102"),))
CALLERS = {1: 64, 50: 16, 1000: 2}
HTTP_CLIENTS = {1: 64, 50: 16, 1000: 2}
IN_PROCESS_ONLY = {"W4 hold and capture", "W5 exchange"}
WAITING = 10_000
WAITING_S = 8.0  # within the deadline of 10 s, after which a caller is told so

Request = tuple[str, list[Posting]]
"""An idempotency key, and what is posted under it."""


async def do_all(database: Database, requests: Sequence[Request]) -> Sequence[Answer | KeyReused]:
    """Post the requests of a group with all features: key, lots, entries, event."""

    async def do(places: Sequence[int]) -> list[Answer]:
        postings = [posting for place in places for posting in requests[place][1]]
        outcomes = await post(session, postings, now=datetime.now(UTC))
        posted = [outcome for outcome in outcomes if isinstance(outcome, list)]
        if posted:
            await publish(session, *(_told(outcome[0].transfer_id) for outcome in posted))
        return [Answer(201, "application/json", b'{"posted": true}') for _ in places]

    async with database.transaction() as session:
        return await answer_once(session, [Asked("bench", key, b"0" * 32) for key, _ in requests], do)


def _told(transfer_id: uuid.UUID) -> RedemptionCaptured:
    return RedemptionCaptured(
        community_code=QINGBO,
        redemption_id=transfer_id,
        merchant_id=MERCHANTS[0],
        points=1,
        payer_community_code=QINGBO,
        paid_points=1,
        captured_at=datetime.now(UTC),
    )


async def drive(
    figures: Figures, callers: int, size: int, seconds: float, one: Callable[[], Awaitable[object]]
) -> None:
    """Let so many callers do one request after the other for so long."""
    until = time.perf_counter() + seconds

    async def caller() -> None:
        while (began := time.perf_counter()) < until:
            await one()
            figures.took_ms.append((time.perf_counter() - began) * 1000)
            figures.transfers += size

    await asyncio.gather(*(caller() for _ in range(callers)))


async def in_process(ground: Ground, workload: str, size: int, seconds: float) -> Figures:
    """Post through a group, without HTTP."""
    database = Database(ground.url(application("points")), name="bench", pool_size=4)
    group = Group[Request, Answer | KeyReused](partial(do_all, database))
    make, numbers, keys = WORKLOADS[workload], count(), list[str]()

    async def one() -> None:
        key = uuid.uuid4().hex
        if "replays" in workload and keys and next(numbers) % 10 == 0:
            key = random.choice(keys)  # noqa: S311
        keys.append(key)
        del keys[:-1000]
        await group.submit((key, [make() for _ in range(size)]), size)

    figures, before = Figures(), await ground.sizes()
    with ground.measured(figures):
        await drive(figures, CALLERS[size], size, seconds, one)
    await database.close()
    return await _with_sizes(ground, figures, before)


async def _with_sizes(ground: Ground, figures: Figures, before: tuple[int, int]) -> Figures:
    after = await ground.sizes()
    figures.stored, figures.logged = ((now - then) / figures.transfers for now, then in zip(after, before, strict=True))
    return figures


async def bare(ground: Ground, _: str, size: int, seconds: float) -> Figures:
    """Post through a group what the prototype posted: two entries and two balances."""
    async with asyncpg.create_pool(ground.url(application("points")), min_size=4, max_size=4) as pool:
        group = Group[Move, bool](partial(move_bare, pool))
        figures, before = Figures(), await ground.sizes()
        with ground.measured(figures):
            await drive(figures, CALLERS[size], size, seconds, lambda: group.submit(_move("uniform")))
    return await _with_sizes(ground, figures, before)


def _move(workload: str) -> Move:
    credited = 10_001 if "hot" in workload else random.randint(10_001, 11_000)  # noqa: S311
    return random.randint(1, 10_000), credited, 1  # noqa: S311


async def orm(ground: Ground, workload: str, size: int, seconds: float) -> Figures:
    """Post each transfer in an ORM transaction of its own."""
    database = Database(ground.url(application("points")), name="bench", pool_size=16)

    async def one() -> None:
        async with database.transaction() as session:
            await move_by_orm(session, _move(workload))

    figures, before = Figures(), await ground.sizes()
    with ground.measured(figures):
        await drive(figures, CALLERS[size], size, seconds, one)
    await database.close()
    return await _with_sizes(ground, figures, before)


async def through_http(ground: Ground, target: str, workload: str, size: int, requests: int) -> Figures:
    """Register deeds over sockets with one API process."""
    async with ground.api(target) as api:
        token = IdentitySigner(ground.credentials.identity_private_key).sign(BIN, "points", now=time.time())
        made = [_request(workload, size, token) for _ in range(requests)]
        if "replays" in workload:
            made = [random.choice(made) if n % 10 == 0 else one for n, one in enumerate(made)]  # noqa: S311
        await shares([_request(workload, size, token) for _ in range(requests // 10)]).run(api.port, HTTP_CLIENTS[size])
        figures, before = Figures(transfers=requests * size), await ground.sizes()
        load = shares(made)
        with ground.measured(figures, api):
            await load.run(api.port, HTTP_CLIENTS[size])
        figures.took_ms = load.took_ms
        expected = {200, 201, *({422} if "refused" in workload else set())}
        if not load.statuses.keys() <= expected:
            raise RuntimeError(f"{target} {workload}: {load.statuses}")
    return await _with_sizes(ground, figures, before)


def _request(workload: str, size: int, token: str) -> bytes:
    if size == 1:
        return request_of("/deeds", uuid.uuid4().hex, token, deed(workload))
    body = {"deeds": [deed(workload) for _ in range(size)]}
    return request_of("/deeds/batch", uuid.uuid4().hex, token, body)


async def measure(ground: Ground, seconds: float, rounds: int) -> None:
    """Measure all, and print."""
    await found(ground)
    print(await ground.settings())
    await ground.make_tpcb()
    await make_peers(ground.admin, 1 << 14)
    await endow(ground)
    tpcb = [ground.pgbench() for _ in range(rounds)]
    clients, tps = sorted(tpcb, key=lambda one: one[1])[rounds // 2]
    print(f"pgbench TPC-B, prepared, scale 10: {tps:,.0f} a second at its best, with {clients} clients\n\n{HEAD}")
    inside = await compare_in_process(ground, seconds, rounds)
    outside = await compare_http(ground, seconds, rounds)
    show_ratios(tps, inside, outside)
    await show_memory(ground)
    await hold_against_invariants(ground)


async def compare_in_process(ground: Ground, seconds: float, rounds: int) -> dict[tuple[str, int], Figures]:
    """Run the workloads and the peers in turns."""
    plan = [
        ("bare posting", bare, "", 1),
        ("ORM uniform", orm, "uniform", 1),
        ("ORM hot", orm, "hot", 1),
        *((name, in_process, name, size) for name in WORKLOADS for size in CALLERS),
    ]
    runs_of: dict[tuple[str, int], list[Figures]] = {}
    for _ in range(rounds):
        for name, run, workload, size in plan:
            runs_of.setdefault((name, size), []).append(await run(ground, workload, size, seconds))
    return {(name, size): show(name, size, runs) for (name, size), runs in runs_of.items()}


async def compare_http(ground: Ground, seconds: float, rounds: int) -> dict[tuple[str, int], Figures]:
    """Run the endpoint, the framework alone and the ORM's in turns."""
    points, peers = "services.points.main:create_app", "benchmarks.ledger_peers:"
    plan = [
        ("HTTP framework alone", peers + "create_ceiling", "", 1, 4000),
        ("HTTP ORM uniform", peers + "create_orm", "", 1, 200),
        ("HTTP ORM hot", peers + "create_orm", "hot", 1, 200),
        *((f"HTTP {name}", points, name, 1, 2000) for name in WORKLOADS if name not in IN_PROCESS_ONLY),
        *(
            (f"HTTP {name}", points, name, size, 8000 // size)
            for name in ("W1 uniform", "W2 hot")
            for size in (50, 1000)
        ),
    ]
    runs_of: dict[tuple[str, int], list[Figures]] = {}
    for _ in range(rounds):
        for name, target, workload, size, in_a_second in plan:
            requests = max(4, int(in_a_second * seconds))
            runs_of.setdefault((name, size), []).append(await through_http(ground, target, workload, size, requests))
    return {(name, size): show(name, size, runs) for (name, size), runs in runs_of.items()}


async def show_memory(ground: Ground) -> None:
    """Print what so many waiting callers cost a worker: the book is locked until all of them wait."""
    async with ground.api("services.points.main:create_app") as api:
        token = IdentitySigner(ground.credentials.identity_private_key).sign(BIN, "points", now=time.time())
        await shares([_request("", 1, token) for _ in range(500)]).run(api.port, 16)
        idle = _held_mib(api)
        connection = await asyncpg.connect(ground.admin)
        await connection.execute("BEGIN")
        await connection.execute("LOCK TABLE transfer IN ACCESS EXCLUSIVE MODE")
        load = shares([_request("", 1, token) for _ in range(WAITING)])
        running = asyncio.create_task(load.run(api.port, WAITING))
        await asyncio.sleep(WAITING_S)
        waiting = _held_mib(api)
        await connection.close()
        await running
        await asyncio.sleep(1)
        drained = _held_mib(api)
    print(
        f"\nMemory of the API (USS): {idle:.0f} MiB idle; with {WAITING:,} callers {waiting:.0f} MiB, "
        f"{waiting / idle:.2f} times; drained {drained:.0f} MiB, {drained / idle:.2f} times. Answers: {load.statuses}."
    )


def _held_mib(api: Api) -> float:
    return float(api.process.memory_full_info().uss) / 2**20


async def endow(ground: Ground) -> None:
    """Give every resident points enough for the whole run."""
    database = Database(ground.url(application("points")), name="bench")
    lot = NewLot("volunteering", EXPIRES)
    for start in range(0, len(RESIDENTS), 1000):
        some = RESIDENTS[start : start + 1000]
        granted = [[transfer(QINGBO, f"{one}", (ISSUER, -(10**6)), (resident(one), 10**6), lot=lot)] for one in some]
        async with database.transaction() as session:
            await post(session, granted, now=datetime.now(UTC))
    await database.close()


async def hold_against_invariants(ground: Ground) -> None:
    """Say whether the book holds."""
    database = Database(ground.admin, name="bench")
    async with database.transaction() as session:
        broken = [finding.invariant for finding in await check_integrity(session) if finding.broken]
    await database.close()
    print(f"\nInvariants afterwards: {'broken: ' + ', '.join(broken) if broken else 'all hold'}.")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3, help="of each run")
    parser.add_argument("--rounds", type=int, default=2, help="turns that each takes")
    asked = parser.parse_args()
    with a_server() as ground:
        uvloop.run(measure(ground, asked.seconds, asked.rounds))


if __name__ == "__main__":
    main()
