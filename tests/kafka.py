"""The fixture that gives a test a Kafka broker: the one LINLI_KAFKA names, or one of our own for the session."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

_RUN = Path(__file__).parents[1] / "deploy" / "kafka" / "run"
_START_TIMEOUT_S = 180  # the first start fetches 43 MB of jars
_STOP_TIMEOUT_S = 20


class Broker:
    """A broker of our own, with its data in a folder.

    Attributes:
        address: Its `host:port`, the same after each start.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port, self._controller_port = _free_ports(2)
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        command = [str(_RUN), "--port", str(self._port), "--controller-port", str(self._controller_port)]
        log = self._folder / "broker.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own script
                [*command, "--dir", str(self._folder)], stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + _START_TIMEOUT_S
        while self._process.poll() is None and time.monotonic() < deadline:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        pytest.fail(f"deploy/kafka/run did not start a broker:\n{log.read_text()}")

    def kill(self) -> None:
        """End it as kill -9 does."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Stop it in good order, or else by force."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope="session")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that a test may kill, if it starts it again; skips, saying why, where none can be started."""
    missing = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"no Kafka: {' and '.join(missing)} cannot be found (LINLI_KAFKA may name a broker elsewhere)")
    broker = Broker(tmp_path_factory.mktemp("kafka broker"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def kafka_address(request: pytest.FixtureRequest) -> str:
    """The `host:port` of a broker; skips, saying why, where there is none and none can be started."""
    if named := os.environ.get("LINLI_KAFKA"):
        return named
    broker: Broker = request.getfixturevalue("own_broker")
    return broker.address
