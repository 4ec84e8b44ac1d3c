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
        **changes,
    }


async def test_a_published_space_is_shown_as_it_was_published(api: ServiceClient) -> None:
    published = await api.post("/spaces", OPERATOR, room())
    assert published.status_code == 201
    space = published.json()
    assert space == {"id": space["id"], **room()}
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
