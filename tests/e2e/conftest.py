"""A whole platform for a module's tests: its own PostgreSQL, seven processes, and either event log."""

import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.bare.places import Places
from deploy.bare.platform_up import Options, bring_up
from deploy.bare.ports import free_base
from deploy.bare.supervisor import Supervisor
from deploy.kafka.broker import Broker, missing_tools


@dataclass(frozen=True, slots=True)
class RunningPlatform:
    """A platform that runs: where its gateway is, who may log in, and who keeps it up."""

    events: str
    url: str
    sandbox: dict[str, Any]
    supervisor: Supervisor
    places: Places


@pytest.fixture(scope="session")
def platform_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that holds nothing but one platform's topics."""
    if missing := missing_tools():
        pytest.skip(f"no Kafka: {' and '.join(missing)} cannot be found")
    broker = Broker(tmp_path_factory.mktemp("the platform's broker"))
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


@pytest.fixture(scope="session", params=["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
async def platform(request: pytest.FixtureRequest) -> AsyncIterator[RunningPlatform]:
    """Bring a platform up from nothing, once for each event log."""
    events = "postgres"
    if request.param == "kafka":
        broker: Broker = request.getfixturevalue("platform_broker")
        events = f"kafka://{broker.address}"
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        environment.delenv("DATABASE_URL", raising=False)
        Path(folder).chmod(0o711)  # noqa: ASYNC240 - at once; root's server belongs to another account
        places = Places(Path(folder) / "state")
        places.make()
        options = Options(free_base(), events)
        supervisor = Supervisor(say=lambda _: None, changed=lambda _: None)
        try:
            await bring_up(supervisor, places, options)
            sandbox = json.loads(places.sandbox.read_text(encoding="utf-8"))
            url = f"http://127.0.0.1:{options.base_port}"
            yield RunningPlatform(request.param, url, sandbox, supervisor, places)
        finally:
            await supervisor.stop()
