"""The event log: what services tell each other, in order per key, at least once.

Two logs, one contract (tests/contracts): on one machine PostgreSQL itself, where a reader follows each producer's
outbox (`shared.log.postgres`); in production Kafka, to which a relay ships it (`shared.relay`, `shared.log.kafka`).
A reader may hand out a message again after a crash; the inbox makes that harmless.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """An event as the log holds it."""

    topic: str
    key: str
    value: bytes
    """A CloudEvent 1.0 in JSON."""
    position: tuple[int, int]
    """Where it stands in its topic: (partition, offset) in Kafka, (xid, id) in PostgreSQL."""


class Reader(Protocol):
    """Reads topics for one consumer; several processes may share the consumer's name, each message goes to one."""

    async def start(self) -> None:
        """Take up reading where the consumer left off."""

    async def fetch(self, most: int, wait_s: float) -> Sequence[Message]:
        """Return the next messages in order, at most `most`, waiting up to `wait_s` seconds for the first."""

    async def acknowledge(self) -> None:
        """Note that all that was fetched is done, so that it is not handed out again."""

    async def rewind(self) -> None:
        """Forget what was fetched since the last acknowledgement: the next fetch hands it out again."""

    async def lag(self) -> dict[str, tuple[int, float]]:
        """Return per topic how many messages wait, and the age in seconds of the oldest."""

    async def stop(self) -> None:
        """Leave, so that another process of the same consumer can go on at once."""


class Writer(Protocol):
    """Writes to a log that is not the outbox itself; used by the relay."""

    async def start(self) -> None:
        """Connect."""

    async def write(self, topic: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Append (key, value) pairs, in order per key; returns when all are durable, raises if any may not be."""

    async def stop(self) -> None:
        """Disconnect."""
