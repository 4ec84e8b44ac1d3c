"""A broker as a child process, started by `deploy/kafka/run`."""

import shutil
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path

RUN = Path(__file__).parent / "run"
START_TIMEOUT_S = 180  # the first start fetches 43 MB of jars
STOP_TIMEOUT_S = 20


def missing_tools() -> list[str]:
    """Return which of the programs that a broker takes cannot be found."""
    return [tool for tool in ("java", "mvn") if shutil.which(tool) is None]


class Broker:
    """A broker with its data in a folder.

    Attributes:
        address: Its `host:port`, the same after each start.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port, self._controller_port = _free_ports(2)
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and wait until it takes connections.

        Raises:
            RuntimeError: It did not start; the message has what it said.
        """
        command = [str(RUN), "--port", str(self._port), "--controller-port", str(self._controller_port)]
        log = self._folder / "broker.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own script
                [*command, "--dir", str(self._folder)], stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while self._process.poll() is None and time.monotonic() < deadline:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"deploy/kafka/run did not start a broker:\n{log.read_text()}")

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
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
