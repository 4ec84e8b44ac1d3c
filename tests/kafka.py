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


@pytest.fixture(scope="session")
def kafka_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The ``host:port`` of a broker; skips, saying why, where there is none and none can be started."""
    named = os.environ.get("LINLI_KAFKA")
    if named:
        yield named
        return
    missing = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"no Kafka: LINLI_KAFKA is not set and {' and '.join(missing)} cannot be found")
    folder = tmp_path_factory.mktemp("kafka broker")
    port, controller_port = _free_ports(2)
    with (folder / "broker.log").open("wb") as log:
        command = [str(_RUN), "--port", str(port), "--controller-port", str(controller_port), "--dir", str(folder)]
        broker = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 - our own script
    try:
        _wait_until_open(port, broker, folder / "broker.log")
        yield f"127.0.0.1:{port}"
    finally:
        _stop(broker)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait_until_open(port: int, broker: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while broker.poll() is None and time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"deploy/kafka/run did not start a broker:\n{log.read_text()}")


def _stop(broker: subprocess.Popen[bytes]) -> None:
    broker.terminate()
    try:
        broker.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        broker.kill()
        broker.wait()
