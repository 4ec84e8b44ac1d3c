"""The catalogue through HTTP, over ten real communities of Shangcheng."""

import csv
from pathlib import Path
from typing import Any

import pytest

from services.scenarios.communities.consumers import note_registered
from shared.database import Database
from shared.events.operations import CommunityRegistered
from tests.ground import ServiceClient, identity
from tests.scenarios.people import COMMUNITY, DESK, OPERATOR

REFERENCE = Path("services/operations/communities/zhejiang-communities.csv").read_text(encoding="utf-8")
SHANGCHENG = "330102"
OFFICIAL = identity("staff:official", ("official", SHANGCHENG))
PARTY_CENTRE, CANTEEN = "party-centre", "elder-canteen"


@pytest.fixture
async def shangcheng(api: ServiceClient) -> list[str]:
    """Ten real communities of the district, registered."""
    rows = [row for row in csv.DictReader(REFERENCE.splitlines()) if row["code"].startswith(SHANGCHENG)][:10]
    database = Database(api.database.app, name="test", pool_size=1)
    async with database.transaction() as session:
        for row in rows:
            await note_registered(session, CommunityRegistered(community_code=row["code"], name=row["name"]))
    await database.close()
    return [row["code"] for row in rows]


def kind(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rsplit("/", 1)[1]


async def adopt(api: ServiceClient, code: str, level: str, kind: str, *picks: int) -> dict[str, Any]:
    body = {"community_code": code, "level": level, "project_type": kind, "picks": picks}
    adopted = await api.post("/programmes", OFFICIAL, body)
    assert adopted.status_code == 201, adopted.text
    return dict(adopted.json())


async def measure(api: ServiceClient, code: str, no: int, amount: int, day: str = "2027-03-01") -> None:
    body = {"community_code": code, "no": no, "amount": amount, "measured_on": day, "evidence": {"台账": "2027-3"}}
    assert (await api.post("/indicator-measures", OFFICIAL, body)).status_code == 201


@pytest.mark.proves("S13")
async def test_ten_real_communities_choose_and_learn_what_they_lack(api: ServiceClient, shangcheng: list[str]) -> None:
    leading, model, basic, *others = shangcheng
    catalogue = {
        level: (await api.get("/catalogue", DESK, level=level, project_type="规划新建")).json()
        for level in ("领跑级", "示范级", "基本级")
    }
    assert [len(one["items"]) for one in catalogue.values()] == [33, 33, 33]
    assert [len({item["scene"] for item in one["items"]}) for one in catalogue.values()] == [9, 9, 9]
    assert [sum(item["required"] for item in one["items"]) for one in catalogue.values()] == [33, 33, 17]
    assert [one["held_to"] for one in catalogue.values()] == ["guiding", "binding", "binding"]
    menu = [item["no"] for item in catalogue["基本级"]["items"] if not item["required"]]

    await adopt(api, leading, "领跑级", "规划新建")
    await adopt(api, model, "示范级", "规划新建")
    await adopt(api, basic, "基本级", "规划新建", *menu[:2])
    for code in others:
        await adopt(api, code, "基本级", "整合提升")
    for item in catalogue["示范级"]["items"]:
        for code in (leading, model):
            await measure(api, code, item["no"], item["binding"])
    for facility in catalogue_set():
        body = {"community_code": leading, "kind": facility, "name": "邻里中心"}
        assert (await api.post("/facilities", OFFICIAL, body)).status_code == 201

    listed = await pages(api, "/gaps", area=SHANGCHENG, page_size=3)
    assert [one["community_code"] for one in listed] == sorted(shangcheng)
    found = {one["community_code"]: one for one in listed}
    assert {gap["target"] for gap in found[leading]["gaps"]} == {"guiding"}
    assert (found[leading]["missing_facilities"], found[model]["gaps"]) == ([], [])
    assert sorted(found[model]["missing_facilities"]) == sorted(catalogue_set())
    owed = [item["no"] for item in catalogue["基本级"]["items"] if item["required"]] + menu[:2]
    assert sorted(gap["no"] for gap in found[basic]["gaps"]) == sorted(owed)
    assert all(gap["measured"] is None for gap in found[basic]["gaps"])
    assert (await api.get(f"/gaps/{basic}", OFFICIAL)).json() == found[basic]
    fewer = {gap["no"] for gap in found[others[0]]["gaps"]}
    assert fewer == {item["no"] for item in catalogue["基本级"]["items"] if item["required"]} - {5}


def catalogue_set() -> tuple[str, ...]:
    return (PARTY_CENTRE, "health-station", "child-care", "elder-care", CANTEEN, "family-station")


async def pages(api: ServiceClient, path: str, **params: str | int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        page = (await api.get(path, OFFICIAL, **params)).json()
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        params["cursor"] = page["next_cursor"]


async def test_the_newest_programme_holds_and_the_latest_day_counts(api: ServiceClient, shangcheng: list[str]) -> None:
    code = shangcheng[0]
    await adopt(api, code, "领跑级", "规划新建")
    second = await adopt(api, code, "基本级", "规划新建")
    assert (await api.get(f"/programmes/{code}", DESK)).json() == second
    await measure(api, code, 1, 12, "2027-03-02")
    await measure(api, code, 1, 3, "2027-03-01")  # entered later, about an earlier day
    gaps = (await api.get(f"/gaps/{code}", OFFICIAL)).json()["gaps"]
    assert 1 not in [gap["no"] for gap in gaps]
    await measure(api, code, 1, 4, "2027-03-02")  # of the same day, the later entry
    gaps = (await api.get(f"/gaps/{code}", OFFICIAL)).json()["gaps"]
    assert {"no": 1, "target": "binding", "asked": 12, "measured": 4} in gaps


async def test_what_is_not_on_the_menu_is_refused(api: ServiceClient) -> None:
    body = {"community_code": COMMUNITY, "level": "基本级", "project_type": "全域", "picks": [1, 99]}
    refused = await api.post("/programmes", OPERATOR, body)
    assert (refused.status_code, kind(refused.json()), refused.json()["numbers"]) == (422, "not-on-menu", "1、99")


async def test_a_community_without_a_programme_is_told_to_adopt_one(api: ServiceClient) -> None:
    for path in (f"/programmes/{COMMUNITY}", f"/gaps/{COMMUNITY}"):
        missing = await api.get(path, OPERATOR)
        assert (missing.status_code, kind(missing.json())) == (404, "programme-unseen")
    assert (await api.get("/gaps", OPERATOR, area=COMMUNITY)).json() == {"items": [], "next_cursor": None}


async def test_who_has_no_say_in_the_community_is_refused(api: ServiceClient) -> None:
    programme = {"community_code": COMMUNITY, "level": "基本级", "project_type": "全域", "picks": []}
    evidence = {"台账": "1"}
    amount = {"community_code": COMMUNITY, "no": 1, "amount": 1, "measured_on": "2027-03-01", "evidence": evidence}
    facility = {"community_code": COMMUNITY, "kind": CANTEEN, "name": "老年食堂"}
    for path, body in (("/programmes", programme), ("/indicator-measures", amount), ("/facilities", facility)):
        assert (await api.post(path, OFFICIAL, body)).status_code == 403
    assert (await api.get(f"/gaps/{COMMUNITY}", OFFICIAL)).status_code == 403
    assert (await api.get("/gaps", OFFICIAL, area=COMMUNITY)).status_code == 403


async def test_what_there_is_not_is_not_found(api: ServiceClient) -> None:
    somewhere = "330281999999"
    amount = {"community_code": COMMUNITY, "no": 34, "amount": 1, "measured_on": "2027-03-01", "evidence": {"a": "b"}}
    refused = await api.post("/indicator-measures", OPERATOR, amount)
    assert (refused.status_code, kind(refused.json())) == (404, "indicator-unseen")
    unnamed = await api.post("/indicator-measures", OPERATOR, {**amount, "no": 1, "evidence": {"\0": "b"}})
    assert unnamed.status_code == 422
    for path, body in (
        ("/indicator-measures", {**amount, "no": 1, "community_code": somewhere}),
        ("/programmes", {"community_code": somewhere, "level": "基本级", "project_type": "全域", "picks": []}),
        ("/facilities", {"community_code": somewhere, "kind": CANTEEN, "name": "老年食堂"}),
    ):
        refused = await api.post(path, OPERATOR, body)
        assert (refused.status_code, kind(refused.json())) == (404, "community-unknown")
    nowhere = {"kind": CANTEEN, "name": "老年食堂", "space_id": "02dd134e-3d62-5bda-a64a-25fcba6b6b9b"}
    refused = await api.post("/facilities", DESK, {"community_code": COMMUNITY, **nowhere})
    assert (refused.status_code, kind(refused.json())) == (404, "space-unseen")


async def test_facilities_are_listed_with_the_space_they_are_in(api: ServiceClient) -> None:
    body = {"community_code": COMMUNITY, "kind": CANTEEN, "name": "老年食堂"}
    made = await api.post("/facilities", DESK, body)
    assert made.status_code == 201
    assert (await api.get("/facilities", DESK, community_code=COMMUNITY)).json()["items"] == [made.json()]
