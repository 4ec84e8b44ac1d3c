"""A whole platform on each event log, for the session."""

from collections.abc import AsyncIterator

import pytest

from tests.platform import RunningPlatform, running_platform


@pytest.fixture(scope="session", params=["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
async def platform(request: pytest.FixtureRequest) -> AsyncIterator[RunningPlatform]:
    """Bring a platform up from nothing, once for each event log."""
    async with running_platform(request.param) as running:
        yield running
