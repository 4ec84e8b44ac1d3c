"""A platform to be damaged, for each module and event log, and the crowd that lives on it."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from deploy.demo.callers import Caller, callers
from deploy.demo.forms import QINGBO
from deploy.load.crowd import Crowd
from deploy.load.residents import settle
from deploy.load.town import lay_out
from tests.platform import RunningPlatform, running_platform

CALL_TIMEOUT_S = 15.0
MERCHANTS = 5


@pytest.fixture(scope="module", params=["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
async def platform(request: pytest.FixtureRequest) -> AsyncIterator[RunningPlatform]:
    """Bring a platform up from nothing, for each event log."""
    async with running_platform(request.param) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Town:
    """A platform with a crowd that may be let loose on it.

    Attributes:
        crowd: Residents.
        cast: The sandbox's callers.
        answers: How often each status was answered, to tries that were repeated too.
    """

    crowd: Crowd
    cast: dict[str, Caller]
    answers: Counter[int]


@asynccontextmanager
async def town_of(platform: RunningPlatform, *, residents: int, pause_s: float) -> AsyncIterator[Town]:
    """Lay out a town and settle residents in it."""
    limits = httpx.Limits(max_connections=None)
    answers: Counter[int] = Counter()

    async def note(answer: httpx.Response) -> None:
        answers[answer.status_code] += 1

    hooks = {"response": [note]}
    async with httpx.AsyncClient(
        base_url=platform.url, timeout=CALL_TIMEOUT_S, limits=limits, event_hooks=hooks
    ) as http:
        cast = callers(http, platform.sandbox)
        merchants = await lay_out(cast, MERCHANTS)
        people = settle(platform.places, platform.url, QINGBO, residents)
        yield Town(Crowd(http, cast, people, merchants, pause_s), cast, answers)
