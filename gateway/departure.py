"""Notices that a caller has gone while its call is under way, so that the service need not work for nobody."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Receive

from gateway.body import Body

LOOK_AFTER_S = 0.05
"""Most answers come sooner and are spared the task that watches."""


class Departure:
    """Ends a deadline early when the caller has gone.

    Attributes:
        has_happened: Whether it has.
    """

    def __init__(self, receive: Receive, body: Body, deadline: asyncio.Timeout) -> None:
        self._receive = receive
        self._body = body
        self._deadline = deadline
        self._task: asyncio.Task[None] | None = None
        self.has_happened = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch while the block lasts."""
        timer = asyncio.get_running_loop().call_later(LOOK_AFTER_S, self._start)
        try:
            yield
        finally:
            timer.cancel()
            if self._task:
                self._task.cancel()

    def _start(self) -> None:
        # While the body still comes, whoever reads it sees the caller go.
        if self._body.ended:
            self._task = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.has_happened = True
        self._deadline.reschedule(asyncio.get_running_loop().time())
