"""Leaving without losing a call: not ready first, then the calls that still come are served, then the process ends.

What stands before a replica asks whether it is ready. Told to end (SIGTERM), the replica says no, and serves on until
nobody has called for a while. Each answer closes its connection meanwhile, so that no call is sent on one that is just
ending.
"""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from starlette.responses import Response
from starlette.types import Message, Scope, Send

from shared import problems

LASTS_MAX_S = 8.0
"""A drain is over by then, however many still call: who supervises the process does not wait for ever."""


class Drain:
    """The end of a process's work.

    Args:
        quiet_s: How long nobody must have called before the process leaves; longer than what stands before it takes
            to notice that it is not ready. Zero: it leaves at once.

    Attributes:
        has_begun: Whether it was told to.
    """

    def __init__(self, quiet_s: float = 0.0) -> None:
        self._quiet_s = quiet_s
        self._called_at = 0.0
        self.has_begun = False

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Begin at a SIGTERM that comes while the block lasts; the server hears of it when the drain is over."""
        leave = signal.getsignal(signal.SIGTERM)
        if not self._quiet_s or not callable(leave):
            yield
            return
        loop = asyncio.get_running_loop()

        def begin(number: int, frame: FrameType | None) -> None:
            self.has_begun, self._called_at = True, loop.time()
            ends_at = loop.time() + LASTS_MAX_S

            def look() -> None:
                over_at = min(self._called_at + self._quiet_s, ends_at)
                if loop.time() < over_at:
                    loop.call_at(over_at, look)
                else:
                    leave(number, frame)

            loop.call_soon_threadsafe(look)

        signal.signal(signal.SIGTERM, begin)
        yield
        signal.signal(signal.SIGTERM, leave)

    def closing(self, scope: Scope, send: Send) -> Send:
        """Return what answers a call, and while the process leaves closes its connection after it."""
        if not self.has_begun:
            return send
        if not scope["path"].startswith("/health/"):
            self._called_at = asyncio.get_running_loop().time()

        async def last(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        return last

    @staticmethod
    def answer() -> Response:
        """Say that the process leaves, to those who ask whether it is ready."""
        return problems.problem(
            503,
            "leaving",
            detail="此进程正在退出，请改用其他副本。",
            detail_en="This process is leaving; use another replica.",
        )
