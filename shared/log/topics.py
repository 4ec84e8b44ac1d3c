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
