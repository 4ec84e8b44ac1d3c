"""Topics as data: one per producer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """How a producer's events are kept.

    `partitions` bounds how many processes of one consumer share the work in Kafka (raising it later breaks the order
    of keys under way, so it is generous). `retention_days` is how long a consumer may be away and still catch up.
    """

    partitions: int
    retention_days: int


TOPICS = {
    "points": Topic(partitions=12, retention_days=7),
    "scenarios": Topic(partitions=12, retention_days=7),
    "operations": Topic(partitions=6, retention_days=30),
    "gateway": Topic(partitions=6, retention_days=7),
}


def topic_in(cell: str, name: str) -> str:
    """Return what a producer's topic is called in the log: cells share one, and each has topics of its own.

    Args:
        cell: The district whose cell it is; empty where there is one cell for all.
        name: The producer.
    """
    return f"{cell}.{name}" if cell else name


def kept_as(topic: str) -> Topic:
    """Return how the events of a topic are kept, whichever cell's it is."""
    return TOPICS[topic.rpartition(".")[2]]
