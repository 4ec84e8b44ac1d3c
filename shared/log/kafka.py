"""Kafka as the log: the relay's writer, and a reader that shares topics among the processes of a consumer.

The one file that imports aiokafka. Nothing connects before it is needed, and what a fault has broken is connected
anew, so that a process outlives any absence of the brokers.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import CommitFailedError, IllegalStateError, TopicAlreadyExistsError, for_code
from aiokafka.partitioner import DefaultPartitioner

from shared.log import Message
from shared.log.topics import kept_as

REQUEST_TIMEOUT_MS = 10_000
BATCH_BYTES_MAX = 256 * 1024  # tried: three times as many events a second as with the default of 16 KiB
FETCH_BYTES_MAX = 4 * 1024 * 1024  # what a reader holds in memory beyond the batch in hand, however long the backlog
FETCH_WAIT_MS = 50  # aiokafka asks a broker for one thing at a time: a partition may wait this long for its turn
SESSION_TIMEOUT_MS = 10_000  # after so long a silence a reader's partitions go to the others
HEARTBEAT_MS = 500  # how soon a reader hears that partitions change hands
REBALANCE_TIMEOUT_MS = 30_000
HANDOVER_S = 20.0  # below REBALANCE_TIMEOUT_MS, so that others wait for the batch in hand
PROBE_S = 2.0
COPIES = 3  # of each event, where there are as many brokers
DAY_MS = 86_400_000

# It repeats itself forty times a second while a broker is away. What matters comes as an exception, and is logged once.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
log = structlog.get_logger()


async def ensure_topics(servers: str, topics: Collection[str]) -> None:
    """Create the topics that are missing, as `shared.log.topics` has them, and warn of those that differ.

    Raises:
        KafkaError: No broker answers, or it refuses.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        copies = min(COPIES, len((await admin.describe_cluster())["brokers"]))
        answer = await admin.create_topics([_new_topic(topic, copies) for topic in topics])
        for topic, code, *_ in answer.topic_errors:
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise for_code(code)(f"topic {topic}")
        for found in await admin.describe_topics(list(topics)):
            declared, actual = kept_as(found["topic"]).partitions, len(found["partitions"])
            if actual and actual != declared:
                log.warning("topic differs", topic=found["topic"], partitions=actual, declared=declared)
    finally:
        await admin.close()


def _new_topic(name: str, copies: int) -> NewTopic:
    declared = kept_as(name)
    configs = {
        "retention.ms": str(declared.retention_days * DAY_MS),
        "min.insync.replicas": str(max(copies - 1, 1)),  # one broker may be away
    }
    return NewTopic(name, declared.partitions, copies, topic_configs=configs)


class KafkaWriter:
    """Writes events; one is durable when all replicas in sync have it.

    Events of a partition go one batch after the other, each after the last one's acknowledgement. So whatever is sent
    again or arrives late, nothing comes to the log before its predecessors have: order needs no idempotent producer,
    and aiokafka's never gives a batch up, so that it could neither report a fault nor stop while the brokers are away.
    """

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self._partition = DefaultPartitioner()
        self._producer: AIOKafkaProducer | None = None
        self._ensured: set[str] = set()

    async def start(self) -> None:
        """Connect."""
        await self._connected()

    async def write(self, topic: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Append (key, value) pairs, in order per key; returns when all are durable.

        Raises:
            KafkaError: Some may not be durable; all may be written again.
        """
        if topic not in self._ensured:
            await ensure_topics(self._servers, [topic])
            self._ensured.add(topic)
        producer = await self._connected()
        partitions = sorted(await producer.partitions_for(topic))
        rows = defaultdict(list)
        for key, value in messages:
            rows[self._partition(key.encode(), partitions, partitions)].append((key.encode(), value))
        done = await asyncio.gather(
            *(_append(producer, TopicPartition(topic, p), of_one) for p, of_one in rows.items()),
            return_exceptions=True,
        )
        if faults := [fault for fault in done if fault]:
            await self.stop()
            raise faults[0]

    async def stop(self) -> None:
        """Disconnect."""
        producer, self._producer = self._producer, None
        if producer:
            await producer.stop()

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._servers,
                acks="all",
                max_batch_size=BATCH_BYTES_MAX,
                request_timeout_ms=REQUEST_TIMEOUT_MS,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer


async def _append(producer: AIOKafkaProducer, to: TopicPartition, rows: Sequence[tuple[bytes, bytes]]) -> None:
    left = iter(rows)
    row = next(left, None)
    while row:
        batch = producer.create_batch()
        while row and batch.append(key=row[0], value=row[1], timestamp=None):
            row = next(left, None)
        await (await producer.send_batch(batch, to.topic, partition=to.partition))


class KafkaReader:
    """Reads topics for one consumer, whose processes share the partitions among them.

    Args:
        consumer: Its name, which is that of its consumer group.
        servers: `host:port` of brokers, separated by commas.
        topics: What it reads.
    """

    def __init__(self, consumer: str, servers: str, topics: Collection[str]) -> None:
        self._group = consumer
        self._servers = servers
        self._topics = sorted(topics)
        self._consumer: AIOKafkaConsumer | None = None
        self._connecting = asyncio.Lock()
        self._in_hand = _InHand()
        self._probe = _Probe(consumer, servers)

    async def start(self) -> None:
        """Nothing to do: the first fetch connects."""

    async def fetch(self, most: int, wait_s: float) -> Sequence[Message]:
        """Return the next messages of the partitions that this process has, in order per key."""
        consumer = await self._connected()
        try:
            async with asyncio.timeout(wait_s + 1):  # while partitions change hands, getmany knows no timeout
                batches = await consumer.getmany(timeout_ms=int(wait_s * 1000), max_records=most)
        except TimeoutError:
            return []
        for partition, records in batches.items():
            self._in_hand.take(partition, records[0].offset, records[-1].offset)
        return [
            Message(record.topic, _text(record.key), record.value or b"", (record.partition, record.offset))
            for records in batches.values()
            for record in records
        ]

    async def acknowledge(self) -> None:
        """Commit what was fetched, but for partitions that went to another process; it will see them again."""
        if self._in_hand.next:
            consumer = await self._connected()
            try:
                await consumer.commit(dict(self._in_hand.next))
            except (CommitFailedError, IllegalStateError) as error:
                log.info("partitions changed hands", consumer=self._group, error=repr(error))
        self._in_hand.forget()

    async def rewind(self) -> None:
        """Go back to where the last acknowledgement left off."""
        consumer = self._consumer
        for partition, offset in self._in_hand.first.items():
            if consumer and partition in consumer.assignment():
                consumer.seek(partition, offset)
        self._in_hand.forget()

    async def lag(self) -> dict[str, tuple[int, float]]:
        """Count what lies behind the group's commits, whoever has the partitions; age is since it came to Kafka."""
        behind = await self._probe.behind(await self._connected(), self._topics)
        written_at_ms = await self._probe.written_at_ms(
            {partition: offset for partition, (offset, _) in behind.items()}
        )
        now_ms = time.time() * 1000
        lags = dict.fromkeys(self._topics, (0, 0.0))
        for partition, (_, count) in behind.items():
            waiting, age_s = lags[partition.topic]
            since_s = (now_ms - written_at_ms.get(partition, now_ms)) / 1000
            lags[partition.topic] = (waiting + count, max(age_s, since_s))
        return lags

    async def stop(self) -> None:
        """Leave the group, so that the others take the partitions over at once."""
        self._in_hand.forget()
        consumer, self._consumer = self._consumer, None
        if consumer:
            await consumer.stop()
        await self._probe.stop()

    async def _connected(self) -> AIOKafkaConsumer:
        async with self._connecting:
            if self._consumer is None:
                await ensure_topics(self._servers, self._topics)
                consumer = AIOKafkaConsumer(
                    bootstrap_servers=self._servers,
                    group_id=self._group,
                    enable_auto_commit=False,
                    auto_offset_reset="earliest",
                    max_partition_fetch_bytes=BATCH_BYTES_MAX,
                    fetch_max_bytes=FETCH_BYTES_MAX,
                    fetch_max_wait_ms=FETCH_WAIT_MS,
                    request_timeout_ms=REQUEST_TIMEOUT_MS,
                    session_timeout_ms=SESSION_TIMEOUT_MS,
                    heartbeat_interval_ms=HEARTBEAT_MS,
                    rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
                )
                consumer.subscribe(self._topics, listener=self._in_hand)
                try:
                    await consumer.start()
                except BaseException:
                    await consumer.stop()
                    raise
                self._consumer = consumer
            return self._consumer


def _text(key: bytes | None) -> str:
    """Return a key as text, whoever wrote it: what is no event comes to the dead letters with it."""
    return (key or b"").decode(errors="replace").replace("\0", "\ufffd")


class _InHand(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """What was fetched and not yet acknowledged; partitions are given up only when there is nothing of it."""

    def __init__(self) -> None:
        self.first: dict[TopicPartition, int] = {}
        self.next: dict[TopicPartition, int] = {}
        self._nothing = asyncio.Event()
        self._nothing.set()

    def take(self, partition: TopicPartition, first: int, last: int) -> None:
        self.first.setdefault(partition, first)
        self.next[partition] = last + 1
        self._nothing.clear()

    def forget(self) -> None:
        self.first.clear()
        self.next.clear()
        self._nothing.set()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Let the batch in hand be finished: two processes never work on one key at a time."""
        try:
            async with asyncio.timeout(HANDOVER_S):
                await self._nothing.wait()
        except TimeoutError:
            log.warning("batch in hand took too long", partitions=len(revoked))
        self.forget()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Start with what the group has committed, as aiokafka does by itself."""


class _Probe:
    """Looks at a group from outside, as a member sees only the partitions it has."""

    def __init__(self, group: str, servers: str) -> None:
        self._group = group
        self._servers = servers
        self._admin: AIOKafkaAdminClient | None = None
        self._eye: AIOKafkaConsumer | None = None

    async def behind(
        self, consumer: AIOKafkaConsumer, topics: Collection[str]
    ) -> dict[TopicPartition, tuple[int, int]]:
        """Return the partitions that have messages beyond the group's commit: where it stands, and how many."""
        partitions = [TopicPartition(t, p) for t in topics for p in consumer.partitions_for_topic(t) or ()]
        first, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        if self._admin is None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._servers, request_timeout_ms=REQUEST_TIMEOUT_MS)
            await admin.start()
            self._admin = admin
        committed = await self._admin.list_consumer_group_offsets(self._group, partitions=partitions)
        next_ = {p: max(first[p], committed[p].offset) for p in partitions}
        return {p: (next_[p], end[p] - next_[p]) for p in partitions if end[p] > next_[p]}

    async def written_at_ms(self, offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Return when the messages at these offsets came to the log; one that cannot be read at once is left out."""
        if not offsets:
            return {}
        if self._eye is None:
            self._eye = AIOKafkaConsumer(
                bootstrap_servers=self._servers,
                auto_offset_reset="earliest",
                max_partition_fetch_bytes=BATCH_BYTES_MAX,
                fetch_max_bytes=FETCH_BYTES_MAX,
                request_timeout_ms=REQUEST_TIMEOUT_MS,
            )
            await self._eye.start()
        self._eye.assign(list(offsets))
        for partition, offset in offsets.items():
            self._eye.seek(partition, offset)
        found: dict[TopicPartition, int] = {}
        until = time.monotonic() + PROBE_S
        while len(found) < len(offsets) and time.monotonic() < until:
            for partition, records in (await self._eye.getmany(timeout_ms=100)).items():
                found.setdefault(partition, records[0].timestamp)
        self._eye.unsubscribe()
        return found

    async def stop(self) -> None:
        """Disconnect."""
        eye, self._eye, admin, self._admin = self._eye, None, self._admin, None
        if eye:
            await eye.stop()
        if admin:
            await admin.close()
