"""What communities are like, up the hierarchy of areas and out to the other services."""

import asyncio

import pytest
from sqlalchemy import func, select

from services.operations.communities.load import load
from services.operations.communities.profile import ProfileReport, profile
from services.operations.communities.queries import parts
from services.operations.communities.rules import CommunityNotRegistered, Profile, ProfileImpossible
from services.operations.communities.tables import CommunityReference
from services.points.communities.tables import Community as CommunityOfPoints
from services.points.worker import HANDLERS as POINTS
from services.scenarios.communities.tables import Community as CommunityOfScenarios
from services.scenarios.worker import HANDLERS as SCENARIOS
from shared.database import Database
from shared.inbox import Inbox
from tests.ground import MakeDatabase, ServiceClient
from tests.operations.ground import (
    DONGJIANG,
    JINFENG,
    NOW,
    RESIDENT,
    SHANGCHENG_OFFICIAL,
    YUYAO_OFFICIAL,
    published,
    take_part,
    told,
)

PROFILE = Profile(project_type="integrated", tier="model", population=7_800, households=3_100, area_m2=460_000)
BODY = {"project_type": "integrated", "tier": "model", "population": 7800, "households": 3100, "area_m2": 460_000}


async def try_to_profile(database: Database, code: str = DONGJIANG, told: Profile = PROFILE) -> int:
    async with database.transaction() as session:
        return (await profile(session, ProfileReport(code, told, by="staff:wang", now=NOW))).revision


@pytest.mark.proves("O1")
async def test_25547_communities_load_and_those_that_take_part_stand_in_their_hierarchy_and_in_the_other_services(
    database: Database, make_database: MakeDatabase
) -> None:
    async with database.transaction() as session:
        await load(session)
        assert await session.scalar(select(func.count()).select_from(CommunityReference)) == 25_547
    await take_part(database, DONGJIANG, JINFENG)
    await try_to_profile(database)
    await try_to_profile(
        database,
        JINFENG,
        Profile(project_type="partly_rebuilt", tier="basic", population=2_000, households=900, area_m2=90_000),
    )
    async with database.transaction() as session:
        levels = {prefix: await parts(session, prefix) for prefix in ("33", "3302", "330281", "330281002")}
    assert sum(part.communities for part in levels["33"]) == 25_547
    ningbo = next(part for part in levels["33"] if part.code == "3302")
    yuyao = next(part for part in levels["3302"] if part.code == "330281")
    fengshan = next(part for part in levels["330281"] if part.code == "330281002")
    dongjiang = next(part for part in levels["330281002"] if part.code == DONGJIANG)
    assert [(p.name, p.registered, p.population, p.households, p.area_m2) for p in (ningbo, yuyao, fengshan)] == [
        ("宁波市", 2, 9_800, 4_000, 550_000),
        ("余姚市", 2, 9_800, 4_000, 550_000),
        ("凤山街道", 1, 7_800, 3_100, 460_000),
    ]
    assert (dongjiang.name, dongjiang.communities, dongjiang.profiled) == ("东江社区", 1, 1)
    await others_know(database, make_database)


async def others_know(database: Database, make_database: MakeDatabase) -> None:
    async with database.transaction() as session:
        events, messages = await published(session), await told(session)
    profiled = {"type": "operations.community-profiled.v1", "community_code": DONGJIANG, "revision": 1, **BODY}
    assert profiled in events
    for service, handlers, table in (
        ("points", POINTS, CommunityOfPoints),
        ("scenarios", SCENARIOS, CommunityOfScenarios),
    ):
        other = Database((await make_database(service)).app, name="test")
        await Inbox(service, other, handlers).take(messages)
        async with other.transaction() as session:
            names = await session.scalars(select(table.name).order_by(table.community_code))
            assert names.all() == ["东江社区", "锦凤社区"]
        await other.close()


async def test_32_reports_at_a_time_get_32_revisions(database: Database) -> None:
    await take_part(database, DONGJIANG)
    revisions = await asyncio.gather(*(try_to_profile(database) for _ in range(32)))
    assert sorted(revisions) == list(range(1, 33))


async def test_an_impossible_profile_and_one_of_a_stranger_are_refused(database: Database) -> None:
    await take_part(database, DONGJIANG)
    crowded = Profile(project_type="rebuilt", tier="basic", population=10, households=11, area_m2=1)
    with pytest.raises(ProfileImpossible):
        await try_to_profile(database, told=crowded)
    with pytest.raises(CommunityNotRegistered):
        await try_to_profile(database, JINFENG)


async def test_an_official_of_the_area_profiles_a_community_and_anyone_sees_it(api: ServiceClient) -> None:
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    path = f"/communities/{DONGJIANG}/profile"
    for who in (SHANGCHENG_OFFICIAL, RESIDENT):
        assert (await api.post(path, who, BODY)).status_code == 403
    assert (await api.post(path, YUYAO_OFFICIAL, {**BODY, "households": 7_801})).status_code == 422
    assert (await api.post(path, YUYAO_OFFICIAL, BODY)).status_code == 201
    assert (await api.post(path, YUYAO_OFFICIAL, {**BODY, "tier": "leading"})).status_code == 201
    assert (await api.get(f"/communities/{DONGJIANG}", RESIDENT)).json()["profile"] == {**BODY, "tier": "leading"}
    streets = (await api.get("/communities/areas/330281", RESIDENT)).json()
    assert [(s["code"], s["registered"], s["population"]) for s in streets] == [
        ("330281002", 1, 7800),
        ("330281003", 0, 0),
    ]
    assert (await api.get("/communities/areas/3302810", RESIDENT)).status_code == 422
