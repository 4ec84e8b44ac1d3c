"""What departments may ask of a community, what they asked, and what it took."""

import asyncio
import uuid
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.operations.burdens.note_demand import Demand, note_demand
from shared.clock import local_day
from shared.database import Database
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, RESIDENT, SHANGCHENG_OFFICIAL, YUYAO_OFFICIAL

OTHER_OFFICIAL = identity("staff:lu", ("official", "330281"))
DESK = identity("staff:sun", ("desk", DONGJIANG))
TODAY = local_day(datetime.now(UTC))
PERMIT = {
    "area": "330281",
    "department": "市统计局",
    "matter": "人口抽样调查表",
    "kind": "report",
    "basis": "统计调查制度 2026-3",
    "minutes_per_case": 90,
    "cases_per_year": 2,
    "starts_on": date(TODAY.year, 1, 1).isoformat(),
    "ends_on": date(TODAY.year, 12, 31).isoformat(),
}
GRANTED = {"verdict": "granted", "reason": "法定事项"}


@pytest.fixture
async def permit(api: ServiceClient) -> dict[str, Any]:
    """A permit that is applied for."""
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    asked = await api.post("/entry-permits", YUYAO_OFFICIAL, PERMIT)
    assert asked.status_code == 201, asked.text
    found: dict[str, Any] = asked.json()
    return found


async def demand(api: ServiceClient, permit_id: str | None) -> tuple[int | None, str | None]:
    body = {"permit_id": permit_id, "department": "市统计局", "matter": "人口抽样调查表", "minutes": 80}
    answer = await api.post(f"/burdens/{DONGJIANG}", DESK, body)
    assert answer.status_code == 201, answer.text
    return answer.json()["case_no"], answer.json()["turned_away"]


@pytest.mark.proves("O21")
async def test_a_community_takes_what_was_permitted_and_turns_the_rest_away_on_record(
    api: ServiceClient, permit: dict[str, Any]
) -> None:
    assert await demand(api, None) == (None, "not_permitted")
    assert await demand(api, permit["id"]) == (None, "not_decided")
    own = await api.post(f"/entry-permits/{permit['id']}/decision", YUYAO_OFFICIAL, GRANTED)
    assert (own.status_code, own.json()["type"].rpartition("/")[2]) == (403, "entry-permit-own")
    decided = await api.post(f"/entry-permits/{permit['id']}/decision", OTHER_OFFICIAL, GRANTED)
    assert decided.json()["verdict"] == "granted"
    assert [await demand(api, permit["id"]) for _ in range(3)] == [(1, None), (2, None), (None, "used_up")]
    listed = (await api.get("/burdens/330281", YUYAO_OFFICIAL, year=TODAY.year)).json()
    facts = {"department": "市统计局", "matter": "人口抽样调查表"}
    assert listed == [{**facts, "admitted": 2, "turned_away": 3, "minutes": 160}]
    for area in ("330281", "33", DONGJIANG):
        assert [one["id"] for one in (await api.get("/entry-permits", RESIDENT, area=area)).json()] == [permit["id"]]
    assert (await api.get("/entry-permits", RESIDENT, area="330102")).json() == []


async def test_refusals(api: ServiceClient, permit: dict[str, Any]) -> None:
    path = f"/entry-permits/{permit['id']}/decision"
    refused = [
        ("/entry-permits", SHANGCHENG_OFFICIAL, PERMIT, 403, "out-of-scope"),
        ("/entry-permits", YUYAO_OFFICIAL, {**PERMIT, "ends_on": "2099-01-01"}, 422, "entry-permit-term-invalid"),
        (path, SHANGCHENG_OFFICIAL, GRANTED, 403, "out-of-scope"),
        (path.replace(permit["id"], str(uuid.uuid4())), OTHER_OFFICIAL, GRANTED, 404, "entry-permit-unseen"),
        (f"/burdens/{DONGJIANG}", RESIDENT, {"department": "x", "matter": "x", "minutes": 1}, 403, "out-of-scope"),
        (
            "/burdens/330281003012",
            YUYAO_OFFICIAL,
            {"department": "x", "matter": "x", "minutes": 1},
            409,
            "community-not-registered",
        ),
    ]
    for where, who, body, status, kind in refused:
        answer = await api.post(where, who, body)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind), where
    assert (await api.get("/burdens/330281", RESIDENT, year=2026)).status_code == 403


async def test_of_32_decisions_one_counts(api: ServiceClient, permit: dict[str, Any]) -> None:
    path = f"/entry-permits/{permit['id']}/decision"
    verdicts = [
        api.post(path, OTHER_OFFICIAL, {**GRANTED, "verdict": ("granted", "refused")[n % 2]}) for n in range(32)
    ]
    assert Counter(answer.status_code for answer in await asyncio.gather(*verdicts)) == {201: 1, 409: 31}


async def test_of_32_demands_at_once_no_more_are_admitted_than_permitted(
    api: ServiceClient, permit: dict[str, Any]
) -> None:
    await api.post(f"/entry-permits/{permit['id']}/decision", OTHER_OFFICIAL, GRANTED)
    database = Database(api.database.app, name="test", pool_size=16)

    async def ask() -> int | None:
        asked = Demand(DONGJIANG, uuid.UUID(permit["id"]), "市统计局", "表", 80, "staff:sun", datetime.now(UTC))
        async with database.transaction() as session:
            return (await note_demand(session, asked)).case_no

    cases = await asyncio.gather(*(ask() for _ in range(32)))
    assert sorted(case for case in cases if case) == [1, 2]
    await database.close()
