"""Spaces through HTTP."""

import uuid
from typing import Any

import pytest

from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, NEXT_COMMUNITY, NEXT_DESK, OPERATOR, resident

WHO = resident(uuid.uuid4())


def room(**changes: object) -> dict[str, Any]:
    return {
        "community_code": COMMUNITY,
        "name": "会议室",
        "opening_hours": [{"weekday": 1, "opens": "08:30", "closes": "24:00"}],
        "slot_minutes": 30,
        "buffer_minutes": 15,
        "longest_minutes": 120,
        "holiday_hours": [],
        "make_up_workday_hours": [{"opens": "09:00", "closes": "17:00"}],
        "approval_required": False,
        **changes,
    }


async def test_a_published_space_is_shown_as_it_was_published(api: ServiceClient) -> None:
    published = await api.post("/spaces", OPERATOR, room())
    assert published.status_code == 201
    space = published.json()
    assert space == {"id": space["id"], "unit_ids": space["unit_ids"], "retired_at": None, **room()}
    shown = await api.get(f"/spaces/{space['id']}", WHO)
    assert (shown.status_code, shown.json()) == (200, space)


async def test_spaces_come_in_pages_in_the_order_they_were_published(api: ServiceClient) -> None:
    ids = [(await api.post("/spaces", OPERATOR, room())).json()["id"] for _ in range(5)]
    await api.post("/spaces", OPERATOR, room(community_code=NEXT_COMMUNITY))
    seen: list[str] = []
    more: dict[str, str | int] = {}
    while True:
        page = (await api.get("/spaces", WHO, community_code=COMMUNITY, page_size=2, **more)).json()
        seen += [space["id"] for space in page["items"]]
        if page["next_cursor"] is None:
            break
        more = {"cursor": page["next_cursor"]}
    assert seen == ids


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0"])
async def test_a_cursor_of_another_list_is_refused(api: ServiceClient, cursor: str) -> None:
    refused = await api.get("/spaces", WHO, community_code=COMMUNITY, cursor=cursor)
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (422, "bad-cursor")


async def test_refusals_to_publish_say_why(api: ServiceClient) -> None:
    morning = {"weekday": 1, "opens": "08:00", "closes": "12:00"}
    for who, body, status, kind in (
        (NEXT_DESK, room(), 403, "out-of-scope"),
        (WHO, room(), 403, "out-of-scope"),
        (OPERATOR, room(community_code="330281999999"), 404, "community-unknown"),
        (OPERATOR, room(opening_hours=[morning, morning]), 422, "opening-hours-overlap"),
        (OPERATOR, room(longest_minutes=100), 422, "terms-unbookable"),
        (OPERATOR, room(opening_hours=[]), 422, "malformed-request"),
        (OPERATOR, room(opening_hours=[{**morning, "opens": "8:00"}]), 422, "malformed-request"),
    ):
        refused = await api.post("/spaces", who, body)
        assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (status, kind)


async def test_a_space_that_is_not_there_is_unseen(api: ServiceClient) -> None:
    refused = await api.get(f"/spaces/{uuid.uuid4()}", WHO)
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (404, "space-unseen")


async def test_a_hall_is_put_together_divided_and_retired(api: ServiceClient) -> None:
    left, right = [(await api.post("/spaces", OPERATOR, room(name=name))).json() for name in ("东厅", "西厅")]
    parts = {"part_ids": [left["id"], right["id"]]}
    hall = (await api.post("/spaces", OPERATOR, room(name="礼堂", **parts))).json()
    assert sorted(hall["unit_ids"]) == sorted(left["unit_ids"] + right["unit_ids"])
    body = {"parts": [{k: v for k, v in room(name=n).items() if k != "community_code"} for n in ("东一", "东二")]}
    divided = await api.post(f"/spaces/{left['id']}/partition", OPERATOR, body)
    assert (divided.status_code, [part["name"] for part in divided.json()["items"]]) == (201, ["东一", "东二"])
    assert len((await api.get(f"/spaces/{hall['id']}", WHO)).json()["unit_ids"]) == 3
    retired = await api.post(f"/spaces/{right['id']}/retirement", OPERATOR)
    assert (retired.status_code, retired.json()["retired_at"] is None) == (201, False)
    for path, sent, status, kind in (
        (f"/spaces/{hall['id']}/partition", body, 409, "space-composite"),
        ("/spaces", room(**parts), 422, "parts-inadmissible"),
    ):
        refused = await api.post(path, OPERATOR, sent)
        assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (status, kind)
