"""Screening, over deeds as the service keeps them."""

import uuid
from datetime import UTC, datetime, timedelta

from services.points.earning.tables import Deed
from services.points.fraud.screen import screen
from shared.database import Database
from tests.points.book import QINGBO

NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)


def deed(resident_id: uuid.UUID, activity: str, ended: datetime, quantity: int, by: str | None = None) -> Deed:
    return Deed(
        community_code=QINGBO,
        activity=activity,
        reference=uuid.uuid4().hex,
        resident_id=resident_id,
        quantity=quantity,
        evidence={},
        occurred_at=ended,
        rule_version=1,
        points=10,
        registered_by=by,
        transfer_id=uuid.uuid4(),
    )


async def test_who_attended_two_activities_at_once_is_suspected_and_grams_are_no_minutes(points: Database) -> None:
    honest, ghost = uuid.uuid4(), uuid.uuid4()
    async with points.transaction() as session:
        for day in range(3):
            noon = NOW - timedelta(days=day)
            session.add(deed(honest, "volunteering", noon, 90))
            session.add(deed(honest, "recycling", noon + timedelta(hours=3), 600, "device:box-7"))  # 600 g
            session.add(deed(ghost, "volunteering", noon, 90))
            session.add(deed(ghost, "class", noon + timedelta(minutes=30), 90))
    async with points.transaction() as session:
        assert await screen(session, now=NOW + timedelta(days=1)) == 1


async def test_check_in_and_check_out_are_nobodys_word(points: Database) -> None:
    async with points.transaction() as session:
        somebody = uuid.uuid4()
        for day in range(25):
            session.add(deed(somebody, "volunteering", NOW - timedelta(days=day), 60))
    async with points.transaction() as session:
        assert await screen(session, now=NOW + timedelta(days=1)) == 0
