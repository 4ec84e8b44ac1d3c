"""Loading the reference list of communities."""

from pathlib import Path

from sqlalchemy import func, select

from services.operations.communities.load import load
from services.operations.communities.tables import CommunityReference
from shared.database import Database

HEAD = "code,name,street_code,street,district_code,district,city_code,city\n"


async def test_all_25547_communities_of_the_province_load_and_loading_again_changes_nothing(database: Database) -> None:
    async with database.transaction() as session:
        await load(session)
    async with database.transaction() as session:
        assert await load(session) == 0
        in_shangcheng = select(func.count()).where(CommunityReference.district_code == "330102")
        assert await session.scalar(select(func.count()).select_from(CommunityReference)) == 25_547
        assert await session.scalar(in_shangcheng) == 203
        dongjiang = await session.get_one(CommunityReference, "330281002015")
    assert (dongjiang.name, dongjiang.street, dongjiang.district, dongjiang.city) == (
        "东江社区",
        "凤山街道",
        "余姚市",
        "宁波市",
    )


async def test_loading_brings_a_changed_name_up_to_date(database: Database, tmp_path: Path) -> None:
    renamed = tmp_path / "renamed.csv"
    renamed.write_text(HEAD + "330281002015,新东江社区,330281002,凤山街道,330281,余姚市,3302,宁波市\n", "utf-8")
    async with database.transaction() as session:
        assert await load(session, renamed) == 1
        assert (await session.get_one(CommunityReference, "330281002015")).name == "新东江社区"
