"""The vacancy loop through HTTP."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.scenarios.vacancy.watch import watch
from shared.database import Database
from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, DESK, NEXT_DESK, OPERATOR, resident

PROFILE = {"mode": "walk-in", "capacity": 6, "households": 1_800, "annual_cost_fen": 2_400_000}
NOBODY = uuid.uuid4()


def kind(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rsplit("/", 1)[1]


@pytest.fixture
async def space(api: ServiceClient) -> str:
    hours = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]
    body = {"community_code": COMMUNITY, "name": "健康角", "opening_hours": hours, "slot_minutes": 30}
    made = await api.post("/spaces", OPERATOR, {**body, "longest_minutes": 60})
    return str(made.json()["id"])


def window() -> dict[str, str]:
    now = datetime.now(UTC)
    return {"from": (now - timedelta(days=30)).isoformat(), "to": now.isoformat()}


async def test_use_is_measured_against_a_profile(api: ServiceClient, space: str) -> None:
    missing = await api.get(f"/spaces/{space}/use", DESK, **window())
    assert (missing.status_code, kind(missing.json())) == (404, "use-profile-unseen")
    made = await api.post(f"/spaces/{space}/use-profile", OPERATOR, PROFILE)
    assert (made.status_code, made.json()["low_since"]) == (201, None)
    moment = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    seen = await api.post(f"/spaces/{space}/visits", DESK, {"people": 3, "visited_at": moment})
    assert seen.status_code == 201
    use = (await api.get(f"/spaces/{space}/use", DESK, **window())).json()
    assert (use["used"], use["uses"], use["users"]) == (3, 1, 0)
    now = datetime.now(UTC)
    backwards = {"from": now.isoformat(), "to": (now - timedelta(days=1)).isoformat()}
    refused = await api.get(f"/spaces/{space}/use", DESK, **backwards)
    assert (refused.status_code, kind(refused.json())) == (422, "window-inadmissible")


async def test_a_visit_to_come_and_a_stranger_are_refused(api: ServiceClient, space: str) -> None:
    ahead = {"visited_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    refused = await api.post(f"/spaces/{space}/visits", DESK, ahead)
    assert (refused.status_code, kind(refused.json())) == (422, "visit-to-come")
    past = {"visited_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    for path, body in (("visits", past), ("use-profile", PROFILE)):
        assert (await api.post(f"/spaces/{space}/{path}", NEXT_DESK, body)).status_code == 403
        assert (await api.post(f"/spaces/{NOBODY}/{path}", DESK, body)).status_code == 404
    for path in ("/utilisation", "/iteration-cases"):
        assert (await api.get(path, NEXT_DESK, community_code=COMMUNITY, month="2027-03-01")).status_code == 403
    assert (await api.get(f"/spaces/{space}/use", resident(NOBODY), **window())).status_code == 403


async def test_a_case_is_taken_on_through_the_api(api: ServiceClient, space: str) -> None:
    await api.post(f"/spaces/{space}/use-profile", OPERATOR, PROFILE)
    database = Database(api.database.app, name="test", pool_size=1)
    async with database.transaction() as session:
        await watch(session, COMMUNITY, datetime.now(UTC) + timedelta(days=181))
    await database.close()
    (case,) = (await api.get("/iteration-cases", DESK, community_code=COMMUNITY)).json()["items"]
    path = f"/iteration-cases/{case['id']}"
    body = {"to": "propose", "note": "改为邻里茶室", "evidence": {"照片": "2027-31"}}
    unnamed = await api.post(f"{path}/steps", DESK, {**body, "evidence": {"\0": "2027-31"}})
    assert unnamed.status_code == 422
    moved = await api.post(f"{path}/steps", DESK, body)
    assert (moved.status_code, moved.json()["stage"]) == (201, "propose")
    assert (await api.get(path, DESK)).json() == moved.json()
    assert moved.json()["steps"][0]["note"] == "改为邻里茶室"
    refused = await api.post(f"{path}/steps", DESK, body)
    assert (refused.status_code, kind(refused.json())) == (409, "stage-not-next")
    undecided = await api.post(f"{path}/steps", OPERATOR, {"to": "closed", "note": "撤"})
    assert undecided.status_code == 422
    for who in (NEXT_DESK, resident(NOBODY)):
        hidden = await api.get(path, who)
        assert (hidden.status_code, kind(hidden.json())) == (404, "iteration-case-unseen")
    assert (await api.get("/utilisation", DESK, community_code=COMMUNITY, month="2027-03-01")).json() == {"items": []}
