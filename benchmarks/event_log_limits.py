"""The limits beside which the event logs stand: the same bytes through the bare drivers, with nothing of ours."""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from sqlalchemy.engine import URL

from benchmarks.event_log_ground import ONE_BY_ONE, Ground, Paid, Table
from shared.log.kafka import BATCH_BYTES_MAX, ensure_topics

PAGE = 1_000
Pair = tuple[bytes, bytes]


async def measure_postgres_limits(table: Table, ground: Ground, events: Sequence[Paid]) -> None:
    """Measure plain INSERT and SELECT of rows as large as events, with asyncpg alone."""
    connection = await asyncpg.connect(_dsn(ground.producer.engine.url))
    await connection.execute("CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data json)")
    await connection.execute("CREATE TABLE plain_inbox (id uuid PRIMARY KEY)")
    values = [event.model_dump_json() for event in events]
    insert = "INSERT INTO plain (data) SELECT unnest($1::json[])"
    with table.row("limit: INSERT, asyncpg", ONE_BY_ONE, 1):
        for value in values[:ONE_BY_ONE]:
            await connection.execute(insert, [value])
    with table.row("limit: INSERT, asyncpg", len(values), PAGE):
        for n in range(0, len(values), PAGE):
            await connection.execute(insert, values[n : n + PAGE])
    with table.row("limit: SELECT, asyncpg", len(values), PAGE):
        last = 0
        while page := await connection.fetch("SELECT * FROM plain WHERE id > $1 ORDER BY id LIMIT $2", last, PAGE):
            last = page[-1]["id"]
    with table.row("limit: INSERT of ids, asyncpg", len(values), PAGE):
        for _ in range(0, len(values), PAGE):
            ids = [uuid.uuid4() for _ in range(PAGE)]
            await connection.execute("INSERT INTO plain_inbox SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING", ids)
    await connection.close()


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


async def measure_kafka_limits(table: Table, ground: Ground, events: Sequence[Paid]) -> None:
    """Measure a bare aiokafka producer and consumer, with the settings that ours have."""
    await ensure_topics(ground.kafka or "", [ground.topic])
    pairs = [(event.key.encode(), event.model_dump_json().encode()) for event in events]
    producer = AIOKafkaProducer(bootstrap_servers=ground.kafka, acks="all", max_batch_size=BATCH_BYTES_MAX)
    await producer.start()
    with table.row("limit: aiokafka send_and_wait", ONE_BY_ONE, 1):
        for key, value in pairs[:ONE_BY_ONE]:
            await producer.send_and_wait(ground.topic, value, key=key)
    with table.row("limit: aiokafka send_batch", len(pairs), PAGE):
        for n in range(0, len(pairs), PAGE):
            await _send(producer, ground.topic, pairs[n : n + PAGE])
    await producer.stop()
    await _consume(table, ground)


async def _send(producer: AIOKafkaProducer, topic: str, pairs: Sequence[Pair]) -> None:
    partitions = sorted(await producer.partitions_for(topic))
    choose = DefaultPartitioner()
    batches: dict[int, Any] = defaultdict(producer.create_batch)
    for key, value in pairs:
        batches[choose(key, partitions, partitions)].append(key=key, value=value, timestamp=None)
    await asyncio.gather(*[await producer.send_batch(batch, topic, partition=p) for p, batch in batches.items()])


async def _consume(table: Table, ground: Ground) -> None:
    consumer = AIOKafkaConsumer(
        ground.topic,
        bootstrap_servers=ground.kafka,
        group_id=f"limit of {ground.topic}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    await consumer.getmany(timeout_ms=5_000, max_records=1)
    with table.row("limit: aiokafka getmany, commit", 0, PAGE) as row:
        while records := await consumer.getmany(timeout_ms=200, max_records=PAGE):
            await consumer.commit({partition: part[-1].offset + 1 for partition, part in records.items()})
            row.events += sum(map(len, records.values()))
    await consumer.stop()
