"""The staff's queue shows what is owed by when, and what is done is gone from it without being ticked off."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from shared.pagination import decode_cursor, encode_cursor
from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, CONSENT, DESK, NEXT_DESK, OPERATOR, resident, tomorrow

ONE = uuid.uuid4()
WISH = {"key": "需要", "text": "最需要什么", "kind": "choice", "options": {"食堂": 11}}


async def owner_does(api: ServiceClient, *statements: str) -> None:
    owner = await asyncpg.connect(api.database.owner)
    for statement in statements:
        await owner.execute(statement)
    await owner.close()


async def queue(api: ServiceClient, page_size: int = 2) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    params: dict[str, str | int] = {"community_code": COMMUNITY, "page_size": page_size}
    while True:
        page = (await api.get("/work", DESK, **params)).json()
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        params["cursor"] = page["next_cursor"]


async def a_space(api: ServiceClient, **more: object) -> str:
    hours = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]
    body = {"community_code": COMMUNITY, "name": "议事厅", "opening_hours": hours, "slot_minutes": 30, **more}
    return str((await api.post("/spaces", OPERATOR, {**body, "longest_minutes": 60})).json()["id"])


async def owe_everything(api: ServiceClient) -> None:
    """Leave one of each kind of work behind."""
    motion = {"community_code": COMMUNITY, "title": "电梯加装", "description": "三幢"}
    made = (await api.post("/motions", OPERATOR, motion)).json()
    said = {"resident_id": str(ONE), "channel": "app", "text": "何时动工"}
    await api.post(f"/motions/{made['id']}/contributions", resident(ONE), said)
    await api.post("/motions", OPERATOR, {**motion, "title": "口袋公园"})
    hall = await a_space(api, approval_required=True)
    start, end = tomorrow(9)
    booking = {"space_id": hall, "resident_id": str(ONE), "channel": "app", "starts_at": start.isoformat()}
    asked = await api.post("/bookings", resident(ONE), {**booking, "ends_at": end.isoformat()})
    assert asked.status_code == 201
    now = datetime.now(UTC)
    survey = {
        "community_code": COMMUNITY, "kind": "demand", "title": "需求", "questions": [WISH], "strata": {"全体": 9},
        "opens_at": (now - timedelta(days=1)).isoformat(), "closes_at": (now + timedelta(days=1)).isoformat(),
    }  # fmt: skip
    for channel, path in (("paper", "paper-entries"), ("phone", "responses")):
        open_one = (await api.post("/surveys", OPERATOR, survey)).json()
        read = {"resident_id": str(ONE), "channel": channel, "consent": CONSENT, "household_id": str(ONE)}
        read |= {"instrument": open_one["instrument"], "stratum": "全体", "answers": {"需要": ["食堂"]}}
        assert (await api.post(f"/surveys/{open_one['id']}/{path}", DESK, read)).status_code == 201
    await owner_does(
        api,
        """UPDATE survey SET closes_at = now() - interval '20 days', opens_at = '2020-01-01'
           WHERE id IN (SELECT survey_id FROM response)""",
        "UPDATE motion SET stage = 'vote' WHERE title = '口袋公园'",
        """INSERT INTO poll SELECT community_code, id, 'decision', '[]', 1, 0, now() - interval '2 hours',
           now() - interval '1 hour' FROM motion WHERE title = '口袋公园'""",
        """INSERT INTO no_show (community_code, booking_id, resident_id, missed_at, appeal, appealed_at)
           SELECT community_code, id, resident_id, now(), '我去了', now() FROM booking""",
        """INSERT INTO iteration_case (community_code, space_id, opened_at, baseline)
           SELECT community_code, id, now(), jsonb_build_object('mode', 'booked', 'used', 0, 'bookable', 1, 'uses', 0,
           'users', 0, 'utilisation_permille', 0, 'fill_permille', NULL, 'reach_permille', 0, 'cost_per_use_fen', NULL)
           FROM space""",
    )


@pytest.mark.proves("S21")
async def test_what_is_owed_stands_in_one_queue_by_deadline_and_goes_when_it_is_done(api: ServiceClient) -> None:
    await owe_everything(api)
    work = await queue(api)
    assert sorted(one["kind"] for one in work) == [
        "answer", "appeal", "booking-request", "count", "iteration-case", "need-list", "second-entry",
    ]  # fmt: skip
    assert [one["due_at"] for one in work] == sorted(one["due_at"] for one in work)
    assert [one["kind"] for one in work if one["overdue"]] == ["need-list"]
    paths = {one["kind"]: one["path"] for one in work}
    for kind, body in (
        ("answer", {"text": "五月动工"}),
        ("booking-request", {"approved": True, "reason": "可以"}),
        ("appeal", {"upheld": True}),
        ("count", None),
        ("need-list", None),
        ("iteration-case", {"to": "propose", "note": "改为茶室"}),
    ):
        done = await api.post(paths[kind], DESK, body)
        assert done.status_code in {200, 201}, done.text
    assert sorted(one["kind"] for one in await queue(api)) == ["iteration-case", "second-entry"]  # its next stage


async def test_the_queue_says_of_nobody_who_it_is(api: ServiceClient) -> None:
    await owe_everything(api)
    params: dict[str, str | int] = {"community_code": COMMUNITY, "page_size": 1}
    while (page := (await api.get("/work", DESK, **params)).json())["next_cursor"]:
        params["cursor"] = page["next_cursor"]
        assert str(ONE) not in str([page["items"], *decode_cursor(page["next_cursor"], str, str)])


async def test_the_queue_is_for_staff_of_the_community(api: ServiceClient) -> None:
    assert (await api.get("/work", NEXT_DESK, community_code=COMMUNITY)).status_code == 403
    assert (await api.get("/work", resident(ONE), community_code=COMMUNITY)).status_code == 403
    made_up = ["?", *(encode_cursor(at, str(ONE)) for at in ("1", "2027-01-01", "9999-12-31T23:00:00-08:00"))]
    for cursor in made_up:
        refused = await api.get("/work", DESK, community_code=COMMUNITY, cursor=cursor)
        assert refused.status_code == 422
