"""What the gateway adds to a call, against the same service called directly in the same run.

    python -m benchmarks.gateway [--seconds 5] [--clients 32]

The upstream is a bare ASGI app with a small JSON answer, so the ratio shows the gateway at its worst: before a real
service its share is smaller. Load generator, gateway and upstream share this machine's cores; CPU time per call is the
figure that does not depend on that.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.types import Receive, Scope, Send

from gateway.tokens import Issuer
from shared.identity import Identity, Role

PUBLIC_URL = "http://gateway.test"
# Each client is a person of its own, and there are enough of them that the limits of a person do not show.
PEOPLE = 2000


async def small(scope: Scope, _: Receive, send: Send) -> None:
    """Answer a hundred bytes of JSON."""
    if scope["type"] == "http":
        body = (
            b'{"balance":1200,"as_of":"2026-01-01T00:00:00Z","lots":[{"id":"a","points":700},{"id":"b","points":500}]}'
        )
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    pem, pkcs8, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(pem, pkcs8, plain).decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _process(target: str, port: int, environment: dict[str, str]) -> Iterator[psutil.Process]:
    options = ["--port", str(port), "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-server-header"]
    factory = ["--factory"] if target.endswith("create_app") else []
    command = [sys.executable, "-m", "uvicorn", target, *options, *factory, "--no-proxy-headers"]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
        command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("a process did not start")


async def _client(port: int, calls: list[bytes], until: float, took_s: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn = 0
    while time.perf_counter() < until:
        started = time.perf_counter()
        writer.write(calls[turn % len(calls)])
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
        await reader.readexactly(int(length))
        took_s.append(time.perf_counter() - started)
        turn += 1
    writer.close()


def _call(path: str, token: str | None) -> bytes:
    credential = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n{credential}\r\n".encode()


def _measure(
    port: int, calls: list[bytes], clients: int, seconds: float, cpu_of: psutil.Process
) -> tuple[float, float]:
    async def run() -> list[float]:
        took_s: list[float] = []
        until = time.perf_counter() + seconds
        shares = [calls[client::clients] for client in range(clients)]
        await asyncio.gather(*(_client(port, share, until, took_s) for share in shares))
        return took_s

    before = cpu_of.cpu_times()
    took_s = asyncio.run(run())
    after = cpu_of.cpu_times()
    cpu_s = after.user + after.system - before.user - before.system
    cuts = statistics.quantiles(took_s, n=100)
    rate, p50_ms, p99_ms = len(took_s) / seconds, cuts[49] * 1000, cuts[98] * 1000
    cpu_us = cpu_s / len(took_s) * 1e6
    print(f"{rate:>10,.0f}/s   p50 {p50_ms:6.2f} ms   p99 {p99_ms:6.2f} ms   {cpu_us:5.0f} µs CPU a call", flush=True)
    return rate, p50_ms


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", type=int, default=32)
    asked = parser.parse_args()
    token_key, service, door = _key(), _free_port(), _free_port()
    issuer, now = Issuer(PUBLIC_URL, token_key), time.time()
    role = (Role("resident", "330102001051"),)
    people = [issuer.issue(Identity(f"resident:{n}", role), now) for n in range(PEOPLE)]
    direct, through = [_call("/accounts/me", None)] * PEOPLE, [_call("/v1/points/accounts/me", t) for t in people]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        environment = {
            "LINLI_IDENTITY_PRIVATE_KEY": _key(),
            "LINLI_TOKEN_PRIVATE_KEY": token_key,
            "LINLI_SERVICES": json.dumps({"points": f"http://127.0.0.1:{service}"}),
            "LINLI_AUDIT_DIR": str(Path(folder) / "audit"),
            "LINLI_PUBLIC_URL": PUBLIC_URL,
        }
        upstream = running.enter_context(_process("benchmarks.gateway:small", service, {}))
        gateway = running.enter_context(_process("gateway.main:create_app", door, environment))
        _warm(door, through, asked.clients)
        for clients in (1, asked.clients):
            print(f"{clients} client(s)\n  direct ", end="")
            direct_rate, direct_p50 = _measure(service, direct, clients, asked.seconds, upstream)
            print("  gateway", end="")
            rate, p50 = _measure(door, through, clients, asked.seconds, gateway)
            print(f"  {rate / direct_rate:.2f} of the direct rate; adds {p50 - direct_p50:.2f} ms at p50")
        print(f"gateway RSS {gateway.memory_info().rss / 2**20:.0f} MiB")


def _warm(port: int, calls: list[bytes], clients: int) -> None:
    """Let every token be checked and signed once: that is paid once in 30 s, not once a call."""

    async def run() -> None:
        async def each(share: list[bytes]) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for call in share:
                writer.write(call)
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
            writer.close()

        await asyncio.gather(*(each(calls[client::clients]) for client in range(clients)))

    asyncio.run(run())


if __name__ == "__main__":
    main()
