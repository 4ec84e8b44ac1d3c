"""1,248 communities are checked up: 125 are listed, and the same again from the snapshot."""

import random
import uuid
from itertools import islice

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from services.operations.checkups import queries
from services.operations.checkups.adopt_scheme import Adoption, adopt_scheme, reference
from services.operations.checkups.check_up import Order, check_up
from services.operations.checkups.record_survey import Finding, record_survey
from services.operations.checkups.rules import (
    SURVEY,
    CheckupUnseen,
    Facility,
    NothingSurveyed,
    SchemeExists,
    SchemeUnseen,
    Survey,
)
from services.operations.checkups.tables import Checkup, FacilitySurvey
from services.operations.communities.load import load
from services.operations.communities.rules import CommunityUnknown
from services.operations.communities.tables import CommunityReference
from shared.database import Database
from tests.operations.ground import DONGJIANG, NOW

N = 1_248
FACILITIES = 24_000
ADOPTION = Adoption("2026", "33", None, by="staff:chen", now=NOW)
ORDER = Order("33", 2026, "2026", by="staff:chen", now=NOW)


def made_up(chance: random.Random, codes: list[str]) -> dict[str, Survey]:
    """Spread 24,000 facilities over the communities, here and there one that is missing or not known."""
    subclasses = [one.code for one in reference()]
    found: dict[str, dict[str, list[Facility]]] = {code: {one: [] for one in subclasses} for code in codes}
    for n in range(FACILITIES):
        facilities = found[codes[n % N]][chance.choice(subclasses)]
        use = None if chance.random() < 0.02 else chance.randrange(101)
        facilities.append(
            Facility(f"{n}", chance.randrange(2_000), chance.randrange(300), chance.randrange(40, 101), use)
        )
    return {code: Survey(chance.randrange(300, 5_000), found[code]) for code in codes}


@pytest.fixture
async def checked(database: Database) -> Checkup:
    """Survey 1,248 communities and check them up."""
    chance = random.Random(1_248)  # noqa: S311 - surveys that are made up, the same each time
    async with database.transaction() as session:
        await load(session)
        await adopt_scheme(session, ADOPTION)
        known = await session.scalars(select(CommunityReference.code).order_by(CommunityReference.code))
        surveys = made_up(chance, list(islice(known, N)))
        session.add_all(
            FacilitySurvey(
                community_code=code,
                year=2026,
                households=survey.households,
                found=SURVEY.dump_python(survey)["found"],
                surveyed_at=NOW,
                surveyed_by="staff:chen",
            )
            for code, survey in surveys.items()
        )
    async with database.transaction() as session:
        return await check_up(session, ORDER)


@pytest.mark.proves("O12")
async def test_of_1248_communities_125_are_listed_and_the_same_again_from_the_snapshot(
    database: Database, checked: Checkup
) -> None:
    assert (checked.surveyed, checked.ranked, checked.listed) == (N, N, 125)
    async with database.transaction() as session:  # what is surveyed later does not move the result
        await session.execute(
            text("""
                INSERT INTO facility_survey (community_code, year, households, found, surveyed_at, surveyed_by)
                SELECT community_code, year, households, '{}', surveyed_at + interval '1 day', 'staff:li'
                FROM facility_survey""")
        )
    async with database.transaction() as session:
        assert await queries.reproduced(session, checked) == (checked.digest, 125)
        listed = await queries.results(session, checked.id, "0", N, listed=True)
        others = await queries.results(session, checked.id, "0", N, listed=False)
    assert (len(listed), len(others)) == (125, N - 125)
    assert max(one.index_bp or 0 for one in listed) == checked.cutoff_bp
    assert min(one.index_bp or 0 for one in others) > max(one.index_bp or 0 for one in listed)
    assert any(one.missing for one in others)


async def test_a_check_up_and_its_snapshot_cannot_be_changed(database: Database) -> None:
    for table in ("checkup", "checkup_result", "checkup_scheme", "facility_survey", "remedy_step"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction() as session:
                await session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - the names above


async def test_a_community_that_was_hardly_looked_at_is_neither_ranked_nor_listed(database: Database) -> None:
    async with database.transaction() as session:
        await adopt_scheme(session, ADOPTION)
        survey = Survey(1_000, {"elderly.canteen": []})
        await record_survey(session, Finding(DONGJIANG, 2026, survey, by="staff:li", now=NOW))
        checkup = await check_up(session, ORDER)
        (result,) = await queries.results(session, checkup.id, "0", 10)
    assert (checkup.surveyed, checkup.ranked, checkup.listed, checkup.cutoff_bp) == (1, 0, 0, None)
    assert (result.index_bp, result.listed, len(result.missing)) == (None, False, 19 * 4)


async def test_refusals(database: Database) -> None:
    survey = Survey(1_000, {})
    async with database.transaction() as session:
        with pytest.raises(SchemeUnseen):
            await check_up(session, ORDER)
        await adopt_scheme(session, ADOPTION)
        with pytest.raises(SchemeExists):
            await adopt_scheme(session, ADOPTION)
        with pytest.raises(NothingSurveyed):
            await check_up(session, ORDER)
        with pytest.raises(CommunityUnknown):
            await record_survey(session, Finding("330000000000", 2026, survey, by="staff:li", now=NOW))
        with pytest.raises(CheckupUnseen):
            await queries.checkup(session, uuid.uuid4())
