"""What takes a moment, because services tell each other by events: wait until it has come, and say when it did not."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from deploy.demo.callers import Caller, UnexpectedAnswerError

ARRIVES_WITHIN_S = 60.0  # as long as a backlog may take after the broker was away (R6)
POLL_S = 0.05

T = TypeVar("T")


class BrokenPromiseError(Exception):
    """Something that the platform promises did not hold."""


async def once_known(attempt: Callable[[], Awaitable[T]]) -> T:
    """Do what a service can do once it has heard of a community or merchant from operations.

    Raises:
        UnexpectedAnswerError: It was refused for another reason, or has not heard after ARRIVES_WITHIN_S.
    """
    deadline = time.monotonic() + ARRIVES_WITHIN_S
    while True:
        try:
            return await attempt()
        except UnexpectedAnswerError as error:
            if "-unknown" not in str(error) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(POLL_S)


async def until(look: Callable[[], Awaitable[T]], come: Callable[[T], bool], what: str) -> T:
    """Look until it has come; returns what was seen then.

    Raises:
        BrokenPromiseError: It has not come after ARRIVES_WITHIN_S.
    """
    deadline = time.monotonic() + ARRIVES_WITHIN_S
    while not come(seen := await look()):
        if time.monotonic() > deadline:
            raise BrokenPromiseError(f"{what} did not come within {ARRIVES_WITHIN_S:.0f} s; last seen: {seen}")
        await asyncio.sleep(POLL_S)
    return seen


async def read_flows(official: Caller) -> dict[str, Any]:
    """Return what each service has told and taken in."""
    return {name: await official.get(f"/v1/{name}/event-flow") for name in ("points", "scenarios", "operations")}


def all_taken_in(flows: Mapping[str, Any]) -> bool:
    """Tell whether each event that a service takes in is in its inbox as often as its producer has told it."""
    told = {kind: count for flow in flows.values() for kind, count in flow["told"].items()}
    return all(count == told.get(kind) for flow in flows.values() for kind, count in flow["taken_in"].items())
