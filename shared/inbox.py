"""The inbox: an event arrives in one transaction with the consumer's own effect, and a duplicate has none.

Messages are taken in batches, one transaction each. A batch that fails is halved until the bad message stands alone, so
that it cannot hold the others up: after ATTEMPTS it goes to the dead letters with its reason, and can be replayed.
"""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

import structlog
from sqlalchemy import LargeBinary, Uuid, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from shared import spans
from shared.database import Database, PlatformBase, is_passing
from shared.events import Event
from shared.log import Message, Reader
from shared.telemetry import MESSAGES, continue_trace, resume_trace

BATCH = 500
WAIT_S = 1.0
ATTEMPTS = 4
RETRY_S = 0.05
BACKOFF_MAX_S = 5.0
REASON_LENGTH_MAX = 2_000
INBOX_KEPT_DAYS = 31  # longer than any topic is kept, so that no duplicate outlives its record

log = structlog.get_logger()

EventT = TypeVar("EventT", bound=Event)
CommandT = TypeVar("CommandT")


@dataclass(frozen=True, slots=True)
class Handler:
    """What a service does with an event: `take` works in the given session and never commits.

    With `prepare`, it takes what that makes of several events and their messages, in their order; without, one event.
    """

    event: type[Event]
    take: Callable[[AsyncSession, Any], Awaitable[None]]
    prepare: Callable[[Any, "Received"], Any] | None = None


def on(event: type[EventT], handle: Callable[[AsyncSession, EventT], Awaitable[None]]) -> Handler:
    """Pair an event with the function that takes it in."""
    return Handler(event, handle)


def on_sets(
    event: type[EventT],
    prepare: Callable[[EventT], CommandT],
    handle: Callable[[AsyncSession, Sequence[CommandT]], Awaitable[None]],
) -> Handler:
    """Pair an event with the function that takes it in by sets: of what `prepare` makes of each, in its own trace."""
    return Handler(event, handle, lambda told, _: prepare(told))


def on_messages(event: type[Event], handle: Callable[[AsyncSession, Sequence["Received"]], Awaitable[None]]) -> Handler:
    """Pair an event with the function that passes its messages on as they are."""
    return Handler(event, handle, lambda _, received: received)


class InboxRow(PlatformBase):
    """An event that has had its effect, or has become a dead letter."""

    __tablename__ = "inbox"

    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    type: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class DeadLetter(PlatformBase):
    """An event that could not be taken in, why, and when it was at last."""

    __tablename__ = "dead_letter"

    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    topic: Mapped[str]
    key: Mapped[str]
    value: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str]
    attempts: Mapped[int]
    buried_at: Mapped[datetime] = mapped_column(server_default=func.now())
    replayed_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Received:
    """A message with what can be known of it before its event is read."""

    message: Message
    event_id: uuid.UUID
    type: str
    data: Any
    traceparent: str | None


def open_message(message: Message) -> Received:
    """Read the CloudEvent's attributes; what is no CloudEvent gets an id from its place in the log, and no type."""
    try:
        event = json.loads(message.value)
        kind = _text(event["type"])
        return Received(message, uuid.UUID(event["id"]), kind, event["data"], event.get("traceparent"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        place = f"{message.topic}/{message.position[0]}/{message.position[1]}"
        return Received(message, uuid.uuid5(uuid.NAMESPACE_URL, place), "", None, None)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


# One statement of one shape for any batch; sorted, so that two processes with the same events do not deadlock.
_NOTE_NEW = text("""
    INSERT INTO inbox (event_id, type)
    SELECT DISTINCT ON (event_id) event_id, type
    FROM unnest(CAST(:event_ids AS uuid[]), CAST(:types AS text[])) AS come (event_id, type) ORDER BY event_id
    ON CONFLICT DO NOTHING RETURNING event_id
""")


class Inbox:
    """Takes events in for one service, the consumer."""

    def __init__(self, consumer: str, database: Database, handlers: Sequence[Handler]) -> None:
        self._consumer = consumer
        self._database = database
        self._handlers: dict[str, list[Handler]] = {}
        for handler in handlers:
            self._handlers.setdefault(handler.event.type, []).append(handler)

    @property
    def topics(self) -> set[str]:
        """The topics that hold the events this service takes in."""
        return {kind.partition(".")[0] for kind in self._handlers}

    async def take(self, messages: Sequence[Message]) -> None:
        """Take in a batch, in order.

        Raises:
            Exception: The database is away (`is_passing`); nothing that was taken is lost, and all may be given again.
        """
        received = [r for r in map(open_message, messages) if r.type in self._handlers or not r.type]
        if not received:
            return
        await self._take_or_halve(received)

    async def _take_or_halve(self, received: Sequence[Received]) -> None:
        """Take in a batch; what makes it fail is found by halves, so that the others still go together."""
        if len(received) == 1:
            await self._take_alone(received[0])
            return
        try:
            await self._take_together(received)
        except Exception as error:
            if is_passing(error):
                raise
            middle = len(received) // 2
            await self._take_or_halve(received[:middle])
            await self._take_or_halve(received[middle:])

    async def _take_together(self, received: Sequence[Received]) -> None:
        async with self._database.transaction() as session:
            come = {"event_ids": [one.event_id for one in received], "types": [one.type for one in received]}
            fresh = await session.scalars(_NOTE_NEW, come)
            unseen = set(fresh)
            first = {one.event_id: one for one in reversed(received) if one.event_id in unseen}
            new = [one for one in received if first.get(one.event_id) is one]
            for kind, run in groupby(new, key=lambda one: one.type):
                await self._handle(session, kind, list(run))
        MESSAGES.labels(self._consumer, "taken").inc(len(received))

    async def _take_alone(self, one: Received) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._take_together([one])
            except Exception as error:
                if is_passing(error):
                    raise
                if attempt == ATTEMPTS:
                    await self._bury(one, error)
                else:
                    await asyncio.sleep(RETRY_S * 2**attempt)
            else:
                return

    async def _handle(self, session: AsyncSession, kind: str, run: Sequence[Received]) -> None:
        if not kind:
            raise ValueError("not a CloudEvent in JSON with id, type and data")
        began, traces = time.perf_counter(), [continue_trace(one.traceparent) for one in run]
        for handler in self._handlers[kind]:
            prepared: list[Any] = []
            for one, trace in zip(run, traces, strict=True):
                resume_trace(trace)
                event = handler.event.model_validate(one.data)
                if handler.prepare:
                    prepared.append(handler.prepare(event, one))
                else:
                    await handler.take(session, event)
            if prepared:
                await handler.take(session, prepared)
        for trace in traces:
            spans.note_event(trace, kind, time.perf_counter() - began)

    async def _bury(self, one: Received, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}".replace("\0", "\ufffd")[:REASON_LENGTH_MAX]  # no store holds a NUL
        async with self._database.transaction() as session:
            await session.execute(_NOTE_NEW, {"event_ids": [one.event_id], "types": [one.type]})
            await session.execute(
                insert(DeadLetter)
                .values(
                    event_id=one.event_id,
                    topic=one.message.topic,
                    key=one.message.key,
                    value=one.message.value,
                    reason=reason,
                    attempts=ATTEMPTS,
                )
                .on_conflict_do_nothing()
            )
        MESSAGES.labels(self._consumer, "buried").inc()
        log.error("message buried", event_id=str(one.event_id), type=one.type, reason=type(error).__name__)

    async def replay(self, event_id: uuid.UUID) -> None:
        """Take in a dead letter after what stopped it has been mended.

        Raises:
            LookupError: No dead letter with this id waits.
            Exception: Whatever stops it still; it stays where it is.
        """
        async with self._database.transaction() as session:
            letter = await session.scalar(
                select(DeadLetter)
                .where(DeadLetter.event_id == event_id, DeadLetter.replayed_at.is_(None))
                .with_for_update()
            )
            if letter is None:
                raise LookupError(f"no dead letter {event_id} waits for a replay")
            opened = open_message(Message(letter.topic, letter.key, letter.value, (0, 0)))
            await self._handle(session, opened.type, [opened])
            letter.replayed_at = func.now()

    async def run(self, reader: Reader) -> None:
        """Take in what the reader gives until cancelled; a database that is away is waited out."""
        backoff_s = RETRY_S
        await reader.start()
        try:
            while True:
                try:
                    if messages := await reader.fetch(BATCH, WAIT_S):
                        await self.take(messages)
                    await reader.acknowledge()
                    backoff_s = RETRY_S
                except Exception as error:  # noqa: BLE001 - whatever fails, the log keeps the events
                    log.warning("consumer waits", error=repr(error), backoff_s=backoff_s)
                    await asyncio.sleep(backoff_s)
                    backoff_s = min(backoff_s * 2, BACKOFF_MAX_S)
                    await reader.rewind()
        finally:
            await reader.stop()
