"""The fixture that gives a test a Kafka broker: the one LINLI_KAFKA names, or one of our own for the session."""

import os
from collections.abc import Iterator

import pytest

from deploy.kafka.broker import Broker, missing_tools


@pytest.fixture(scope="session")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that a test may kill, if it starts it again; skips, saying why, where none can be started."""
    if missing := missing_tools():
        reason = f"no Kafka: {' and '.join(missing)} cannot be found (LINLI_KAFKA may name a broker elsewhere)"
        if os.environ.get("CI"):
            pytest.fail(reason)  # there both halves must have run
        pytest.skip(reason)
    broker = Broker(tmp_path_factory.mktemp("kafka broker"))
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


@pytest.fixture(scope="session")
def kafka_address(request: pytest.FixtureRequest) -> str:
    """The `host:port` of a broker; skips, saying why, where there is none and none can be started."""
    if named := os.environ.get("LINLI_KAFKA"):
        return named
    broker: Broker = request.getfixturevalue("own_broker")
    return broker.address
