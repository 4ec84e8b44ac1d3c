"""Events per second and lag of both event logs, beside the limits of the machine, in one run.

    python -m benchmarks.event_log [--events 40000] [--seconds 10]

DATABASE_URL and LINLI_KAFKA name servers that run already; else it starts its own. All but the servers and the
publisher of the lag runs in this one process, and `cpu` is its share of one core. Results: benchmarks/README.md.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.event_log_ground import ONE_BY_ONE, Ground, Paid, Table, made_up, open_ground
from benchmarks.event_log_limits import measure_kafka_limits, measure_postgres_limits
from deploy.bare.ports import free_port
from deploy.bare.postgres import EmbeddedPostgres
from deploy.kafka.broker import Broker, missing_tools
from shared import relay as relay_module
from shared.database import Database
from shared.inbox import BATCH, Inbox, on
from shared.log import Reader

LAG_EVENTS_PER_S = 5_000  # half of the goal for a consumer
LAG_TICK_S = 0.02
LAG_WARM_UP_S = 1.0  # the publisher's first transactions open connections and plan statements
PUBLISHED_TOGETHER = 1_000


async def no_effect(_session: AsyncSession, _event: Paid) -> None:
    """Take an event and do nothing: what log and inbox cost by themselves."""


async def a_row(session: AsyncSession, event: Paid) -> None:
    """Take an event with one INSERT of its own, the least that a real handler does."""
    await session.execute(
        text("INSERT INTO effect (merchant_id, points) VALUES (:merchant, :points)"),
        {"merchant": event.merchant_id, "points": event.points},
    )


async def measure_publishing(table: Table, ground: Ground, events: Sequence[Paid]) -> None:
    """Measure how fast events get into the outbox."""
    with table.row("publish to the outbox", ONE_BY_ONE, 1):
        for event in events[:ONE_BY_ONE]:
            await ground.publish([event])
    with table.row("publish to the outbox", len(events) - ONE_BY_ONE, PUBLISHED_TOGETHER):
        for n in range(ONE_BY_ONE, len(events), PUBLISHED_TOGETHER):
            await ground.publish(events[n : n + PUBLISHED_TOGETHER])


async def measure_relay(table: Table, ground: Ground) -> None:
    """Measure how fast the relay ships what has piled up."""
    batch = relay_module.BATCH
    for most, until_left in ((1, ONE_BY_ONE), (batch, 0)):
        relay_module.BATCH = most
        relay = ground.relay()
        waiting, _ = await relay.lag()
        goal = waiting - ONE_BY_ONE if until_left else 0
        with table.row("relay: outbox to Kafka", 0, most) as row:
            shipping = asyncio.create_task(relay.run())
            left = waiting
            while left > goal:
                await asyncio.sleep(0.05)
                left, _ = await relay.lag()
            row.events = waiting - left
        await _cancel(shipping)


async def measure_reader(table: Table, ground: Ground, log: str, total: int) -> None:
    """Measure fetching and acknowledging alone, and with an inbox in front of two handlers."""
    await _measure_reading(table, ground.reader(log, "reads"), f"{log}: fetch, acknowledge", total, None)
    for handler, what, most in ((no_effect, "inbox", total), (a_row, "inbox, one INSERT per event", total // 4)):
        async with ground.consumer.transaction() as session:
            await session.execute(text("TRUNCATE inbox"))
        inbox = Inbox("benchmark", ground.consumer, [on(Paid, handler)])
        await _measure_reading(table, ground.reader(log, what), f"{log}: fetch, {what}, acknowledge", most, inbox)


async def _measure_reading(table: Table, reader: Reader, what: str, total: int, inbox: Inbox | None) -> None:
    await _read(reader, 1, 1, inbox)  # connects
    with table.row(what, 0, 1) as row:
        row.events = await _read(reader, ONE_BY_ONE, 1, inbox)
    with table.row(what, 0, BATCH) as row:
        row.events = await _read(reader, total - ONE_BY_ONE - 1, BATCH, inbox)
    await reader.stop()


async def _read(reader: Reader, count: int, batch: int, inbox: Inbox | None) -> int:
    done = 0
    while done < count:
        messages = await reader.fetch(batch, 5.0)
        if inbox:
            await inbox.take(messages)
        await reader.acknowledge()
        done += len(messages)
    return done


async def measure_lag(ground: Ground, log: str, seconds: int) -> None:
    """Measure how long an event takes from before its commit until its handler, once the rate is steady."""
    seen: list[tuple[float, float]] = []

    async def note(_session: AsyncSession, event: Paid) -> None:
        seen.append((event.told_at, (time.time() - event.told_at) * 1000))

    loops = [Inbox("benchmark", ground.consumer, [on(Paid, note)]).run(ground.reader(log, "lag"))]
    if log == "kafka":
        loops.append(ground.relay().run())
    tasks = [asyncio.create_task(loop) for loop in loops]
    await asyncio.sleep(3)  # connected
    dsn = ground.producer.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    publisher = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.event_log", "--publish-to", dsn, "--seconds", str(seconds)
    )
    await publisher.wait()
    expected = seconds * LAG_EVENTS_PER_S
    while len(seen) < expected:  # noqa: ASYNC110 - the log rings no bell
        await asyncio.sleep(0.05)
    for task in tasks:
        await _cancel(task)
    lags_ms = [lag_ms for told_at, lag_ms in seen if told_at - seen[0][0] > LAG_WARM_UP_S]
    cuts = statistics.quantiles(lags_ms, n=100)
    print(f"| {log} | {LAG_EVENTS_PER_S:,} | {cuts[49]:.0f} | {cuts[98]:.0f} | {max(lags_ms):.0f} |", flush=True)


async def publish_steadily(dsn: str, seconds: int) -> None:
    """Publish LAG_EVENTS_PER_S events a second, one transaction every LAG_TICK_S."""
    ground = Ground("", None, Database(dsn, name="publisher"), Database(dsn, name="publisher"))
    together = round(LAG_EVENTS_PER_S * LAG_TICK_S)
    began = time.monotonic()
    for n in range(round(seconds / LAG_TICK_S)):
        await asyncio.sleep(max(0.0, began + n * LAG_TICK_S - time.monotonic()))
        await ground.publish(made_up(together))
    await ground.producer.close()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def start_servers(running: AsyncExitStack) -> tuple[str, str | None]:
    """Give the addresses of PostgreSQL and, where there is one, of Kafka; what is started here stops with `running`."""
    folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
    folder.chmod(0o711)  # noqa: ASYNC240 - at once; run by root, the server belongs to another account, which must get in
    admin, kafka = os.environ.get("DATABASE_URL"), os.environ.get("LINLI_KAFKA")
    if not admin:
        postgres = EmbeddedPostgres(folder / "postgres", free_port(), log=folder / "postgres.log")
        await postgres.start()
        running.push_async_callback(postgres.stop)
        admin = postgres.dsn()
    if not kafka and not missing_tools():
        (folder / "kafka").mkdir()
        broker = Broker(folder / "kafka")
        broker.start()
        running.callback(broker.stop)
        kafka = broker.address
    return admin, kafka


async def measure(admin: str, kafka: str | None, events: int, seconds: int) -> None:
    """Measure everything and print it."""
    logs = ["postgres", "kafka"] if kafka else ["postgres"]
    if not kafka:
        print("Kafka was not measured: no Java and Maven here, and LINLI_KAFKA names none.")
    print("PostgreSQL: fsync, synchronous_commit. Kafka: acks=all, one broker, flushed by the kernel.\n")
    table, made = Table(), made_up(events)
    async with open_ground(admin, kafka) as limits:
        await measure_postgres_limits(table, limits, made)
        if kafka:
            await measure_kafka_limits(table, limits, made)
    async with open_ground(admin, kafka) as ground:
        await measure_publishing(table, ground, made)
        if kafka:
            await measure_relay(table, ground)
        for log in logs:
            await measure_reader(table, ground, log, events)
    print("\n| log | events/s | lag p50 ms | p99 ms | max ms |\n|---|---:|---:|---:|---:|")
    for log in logs:
        async with open_ground(admin, kafka) as ground:
            await measure_lag(ground, log, seconds)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--seconds", type=int, default=10, help="of the lag at a steady rate")
    parser.add_argument("--publish-to", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.publish_to:
        uvloop.run(publish_steadily(asked.publish_to, asked.seconds))
        return
    with asyncio.Runner() as plain:  # uvloop starts no process under another account, as PostgreSQL needs under root
        running = AsyncExitStack()
        try:
            addresses = plain.run(start_servers(running))
            uvloop.run(measure(*addresses, asked.events, asked.seconds))
        finally:
            plain.run(running.aclose())


if __name__ == "__main__":
    main()
