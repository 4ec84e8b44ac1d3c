"""Communities over HTTP."""

import base64
import json

import pytest

from tests.ground import ServiceClient
from tests.operations.ground import DONGJIANG, JINFENG, QINGBOMEN, RESIDENT, SHANGCHENG_OFFICIAL, YUYAO_OFFICIAL


async def test_an_official_registers_a_community_and_anyone_sees_it(api: ServiceClient) -> None:
    registered = await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    assert registered.status_code == 201
    seen = await api.get(f"/communities/{DONGJIANG}", RESIDENT)
    assert seen.json() == registered.json()
    assert seen.json()["registered"]
    assert seen.json()["district"] == "余姚市"


async def test_a_second_registration_is_a_conflict_and_a_replay_is_the_first_answer(api: ServiceClient) -> None:
    first = await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG}, key="register-dongjiang")
    replay = await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG}, key="register-dongjiang")
    again = await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    assert (replay.status_code, replay.content) == (201, first.content)
    assert again.status_code == 409
    assert again.json()["type"].endswith("/community-already-registered")


async def test_a_community_outside_ones_area_cannot_be_registered(api: ServiceClient) -> None:
    for who in (SHANGCHENG_OFFICIAL, RESIDENT):
        assert (await api.post("/communities", who, {"code": DONGJIANG})).status_code == 403


async def test_an_unknown_code_is_inadmissible_and_unseen(api: ServiceClient) -> None:
    refused = await api.post("/communities", YUYAO_OFFICIAL, {"code": "330281002999"})
    assert refused.status_code == 422
    assert refused.json()["code"] == "330281002999"
    assert (await api.get("/communities/330281002999", RESIDENT)).status_code == 404


async def test_communities_are_listed_by_area_in_pages(api: ServiceClient) -> None:
    first = (await api.get("/communities", RESIDENT, area="3302", page_size=1)).json()
    second = (await api.get("/communities", RESIDENT, area="3302", page_size=1, cursor=first["next_cursor"])).json()
    assert [item["code"] for item in first["items"] + second["items"]] == [DONGJIANG, JINFENG]
    assert second["next_cursor"] is None


async def test_communities_are_listed_by_whether_they_take_part(api: ServiceClient) -> None:
    await api.post("/communities", SHANGCHENG_OFFICIAL, {"code": QINGBOMEN})
    for registered, codes in (("true", [QINGBOMEN]), ("false", ["330102001052"])):
        listed = await api.get("/communities", RESIDENT, area="330102", registered=registered)
        assert [item["code"] for item in listed.json()["items"]] == codes


@pytest.mark.parametrize("position", ["", [1], ["one"], ["\0"], ["1", "2"]])
async def test_a_made_up_cursor_is_refused(api: ServiceClient, position: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(position).encode()).decode()
    answer = await api.get("/communities", RESIDENT, cursor=cursor)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/bad-cursor")
