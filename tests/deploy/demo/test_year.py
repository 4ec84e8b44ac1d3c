"""A year of communities, made from a seed, with a health corner that opens its case."""

import pytest
from sqlalchemy import text

from deploy.demo import year
from deploy.demo.chapters import Chapters
from deploy.demo.waiting import BrokenPromiseError
from deploy.demo.year import make_year
from services.scenarios.communities.consumers import note_registered
from shared.database import Database
from shared.events.operations import CommunityRegistered
from tests.ground import MakeDatabase
from tests.scenarios.people import NOW

LOW = text("SELECT count(*) FROM use_profile WHERE low_since IS NOT NULL")


async def test_a_year_is_plausible_made_once_and_the_health_corner_goes_through_its_case(
    make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(year, "COMMUNITIES", 1)
    database = Database((await make_database("scenarios")).app, name="test", pool_size=2)
    told: list[str] = []
    with pytest.raises(BrokenPromiseError, match="linli demo"):
        await make_year(database, Chapters(told.append), NOW)
    async with database.transaction() as session:
        await note_registered(session, CommunityRegistered(community_code="330102001051", name="清波门社区"))
    for _ in range(2):
        await make_year(database, Chapters(told.append), NOW)
    lines = [" ".join(line.split()) for line in told]
    assert sum("已有 is there" in line for line in lines) == 1
    baseline, second, decided = lines[-3:]
    assert baseline.startswith("自动立项时 as it opened by itself 10 人 users · 10 人次 visits")
    assert second.startswith("复测 measured again")
    assert decided == "结论 decided repurpose（closed）"
    async with database.transaction() as session:
        assert await session.scalar(LOW) == 1
        months = (await session.execute(text("SELECT mode, used, bookable FROM utilisation_month"))).all()
    assert {month.mode for month in months} == {"booked", "walk-in"}
    assert all(month.used <= month.bookable for month in months)
    await database.close()
