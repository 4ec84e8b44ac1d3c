"""Keeps children running: starts them in stages, restarts those that die, stops them in the opposite order."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from deploy.bare.errors import LaunchError
from deploy.bare.logs import tail

BACKOFF_MIN_S = 0.25
BACKOFF_MAX_S = 10.0
# Who lived longer than this did not die of how it was started: the next restart is quick again.
STEADY_AFTER_S = 30.0
# One death while starting may be an accident (or a test of ours), three are a defect.
START_DEATHS_MAX = 3
READY_TIMEOUT_S = 120.0
READY_POLL_S = 0.1
LOG_TAIL_LINES = 25


class Child(Protocol):
    """What the supervisor needs of a child."""

    name: str
    process: asyncio.subprocess.Process | None

    async def start(self) -> None:
        """Start it, or raise LaunchError."""

    async def stop(self) -> None:
        """Stop it, if it runs."""


class HttpChild(Child, Protocol):
    """A child that answers /health/ready."""

    port: int
    log: Path


class Supervisor:
    """Keeps the children of one platform.

    Attributes:
        deaths: How often each child ended by itself.
    """

    def __init__(self, *, say: Callable[[str], None], changed: Callable[[Mapping[str, int]], None]) -> None:
        """Take who is told.

        Args:
            say: Gets a line for people when a child dies or comes back.
            changed: Gets name and process number of the children whenever one is started.
        """
        self.deaths: Counter[str] = Counter()
        self._say = say
        self._changed = changed
        self._stages: list[tuple[Child, ...]] = []
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self, *children: Child) -> None:
        """Start a stage, all at once, and keep it running.

        Args:
            children: They are stopped together too, after the stages that are started later.

        Raises:
            LaunchError: One could not be started.
        """
        self._stages.append(children)
        await asyncio.gather(*(child.start() for child in children))
        self._keepers += [asyncio.create_task(self._keep(child)) for child in children]
        self._changed(self.pids())

    def pids(self) -> dict[str, int]:
        """Return name and process number of the children that were started."""
        return {child.name: child.process.pid for stage in self._stages for child in stage if child.process}

    async def stop(self) -> None:
        """Stop all, the last stage first; each child finishes what it has begun."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for stage in reversed(self._stages):
            await asyncio.gather(*(child.stop() for child in stage))

    async def wait_until_ready(self, *children: HttpChild) -> None:
        """Wait until every child says so, by a database round trip of its own.

        Args:
            children: Started children.

        Raises:
            LaunchError: One keeps dying, or is not ready in time; the message has the end of its log.
        """
        async with asyncio.TaskGroup() as group:
            waits = [group.create_task(self._wait_for(child)) for child in children]
        if failures := [failure for wait in waits if (failure := wait.result())]:
            raise LaunchError("\n".join(failures))

    async def _wait_for(self, child: HttpChild) -> str | None:
        """Return None when the child is ready, or the reason why it never will be."""
        deadline = time.monotonic() + READY_TIMEOUT_S
        answer = ""
        while time.monotonic() < deadline and self.deaths[child.name] < START_DEATHS_MAX:
            answer = await ask_health(child.port)
            if answer.startswith("200"):
                return None
            await asyncio.sleep(READY_POLL_S)
        lines = "\n".join(f"    {line}" for line in tail(child.log, LOG_TAIL_LINES))
        return f"{child.name} 未就绪 · {child.name} did not become ready {answer}\n  {child.log}:\n{lines}"

    async def _keep(self, child: Child) -> None:
        """Restart a child whenever it ends, sooner or later depending on how long it lived."""
        backoff_s = BACKOFF_MIN_S
        while True:
            started = time.monotonic()
            code = await child.process.wait() if child.process else None
            self.deaths[child.name] += 1
            if time.monotonic() - started > STEADY_AFTER_S:
                backoff_s = BACKOFF_MIN_S
            self._say(f"⚠ {child.name} 意外退出（{code}），{backoff_s:g} 秒后重启 · ended ({code}), restarting")
            await asyncio.sleep(backoff_s)
            backoff_s = min(2 * backoff_s, BACKOFF_MAX_S)
            try:
                await child.start()
                self._changed(self.pids())
            except (LaunchError, OSError) as error:  # a full disk, too, is a reason to go on trying
                self._say(f"⚠ {error}")


async def ask_health(port: int) -> str:
    """Return status and body of /health/ready, or an empty text when nobody answers.

    An HTTP client would be the largest thing in the supervisor's memory; one question needs none.

    Args:
        port: TCP port on 127.0.0.1.
    """
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = (await reader.read()).decode(errors="replace")
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return ""
    head, _, body = answer.partition("\r\n\r\n")
    return f"{head.split(' ', 1)[-1].split(chr(13), 1)[0]} {body}".strip()
