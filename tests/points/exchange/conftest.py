"""A town for each test."""

import pytest

from shared.database import Database
from tests.points.exchange.town import settle_in


@pytest.fixture
async def town(points: Database) -> Database:
    """Two communities with a merchant and a resident each; both residents hold 100,000 points."""
    async with points.transaction() as session:
        await settle_in(session, 100_000)
    return points
