"""Which ports are free, and who has those that are not."""

import socket
from collections.abc import Iterable, Mapping

import psutil

from deploy.bare.errors import LaunchError
from deploy.bare.processes import HOST, PORTS


def is_free(port: int) -> bool:
    """Say whether a server could listen there now.

    Args:
        port: TCP port on 127.0.0.1.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: yesterday's connections are no bar
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port of the system's choice that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def check_ports(ports: Mapping[str, int]) -> None:
    """Make sure that every process can have its port.

    Args:
        ports: Process and port.

    Raises:
        LaunchError: One is taken; the message says which, by whom, and how to choose others.
    """
    for name, port in ports.items():
        if not is_free(port):
            other = free_base()
            raise LaunchError(
                f"端口 {port}（{name}）已被 {_listener(port, '其他程序')} 占用。换一组端口：./linli up --port {other}\n"
                f"  Port {port} ({name}) is taken by {_listener(port, 'another program')}. "
                f"Choose others: ./linli up --port {other}"
            )


def _listener(port: int, unknown: str) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return (
                    f" {psutil.Process(connection.pid).name()} (pid {connection.pid}) " if connection.pid else unknown
                )
    except psutil.Error:  # other users' processes are not shown to everyone
        return unknown
    return unknown


def free_base(candidates: Iterable[int] = range(18080, 60000, 1000)) -> int:
    """Return a base port from which all of the platform's ports are free."""
    return next(base for base in candidates if all(is_free(base + offset) for offset in PORTS.values()))
