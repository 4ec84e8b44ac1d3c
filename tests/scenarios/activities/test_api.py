"""Activities and attendance through HTTP, from publishing to checking out."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, CONSENT, DESK, NEXT_COMMUNITY, NEXT_DESK, OPERATOR, resident

RESIDENT = uuid.uuid4()
WHO = resident(RESIDENT)


def cleaning(**changes: object) -> dict[str, Any]:
    """An activity that began two hours ago and goes on for another."""
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "community_code": COMMUNITY,
        "kind": "volunteering",
        "title": "清洁楼道",
        "capacity": 2,
        "starts_at": (now - timedelta(hours=2)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        **changes,
    }


def resident_body(**changes: object) -> dict[str, Any]:
    return {"resident_id": str(RESIDENT), "channel": "app", **changes}


def kind(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rsplit("/", 1)[1]


@pytest.fixture
async def activity(api: ServiceClient) -> dict[str, Any]:
    published = await api.post("/activities", OPERATOR, cleaning())
    assert published.status_code == 201
    return dict(published.json())


async def test_a_resident_signs_up_and_checks_itself_in_and_out(api: ServiceClient, activity: dict[str, Any]) -> None:
    path = f"/activities/{activity['id']}"
    seat = await api.post(f"{path}/sign-ups", WHO, resident_body(resident_community_code=COMMUNITY))
    assert (seat.status_code, seat.json()["given_by"]) == (201, WHO.subject)
    came = await api.post(f"{path}/check-ins", WHO, resident_body(code=activity["code"]))
    left = await api.post(f"{path}/check-outs", WHO, resident_body(code=activity["code"]))
    assert (came.status_code, left.status_code, left.json()["minutes"]) == (201, 201, 0)
    assert {name: left.json()[name] for name in came.json()} == came.json()


async def test_the_desk_signs_up_and_enters_the_paper_list(api: ServiceClient, activity: dict[str, Any]) -> None:
    path = f"/activities/{activity['id']}"
    paper = resident_body(channel="paper", consent=CONSENT)
    await api.post(f"{path}/sign-ups", DESK, {**paper, "resident_community_code": NEXT_COMMUNITY})
    start = datetime.fromisoformat(activity["starts_at"])
    await api.post(f"{path}/check-ins", DESK, {**paper, "at": start.isoformat()})
    left = await api.post(f"{path}/check-outs", DESK, {**paper, "at": (start + timedelta(minutes=110)).isoformat()})
    assert (left.status_code, left.json()["minutes"]) == (201, 110)


async def test_the_code_is_shown_to_staff_of_the_community_alone(api: ServiceClient, activity: dict[str, Any]) -> None:
    for who, shown in ((OPERATOR, True), (DESK, True), (WHO, False), (NEXT_DESK, False)):
        one = (await api.get(f"/activities/{activity['id']}", who)).json()
        (listed,) = (await api.get("/activities", who, community_code=COMMUNITY)).json()["items"]
        assert one == listed == {**activity, "code": activity["code"] if shown else None}


async def test_activities_come_in_pages(api: ServiceClient) -> None:
    ids = [(await api.post("/activities", OPERATOR, cleaning())).json()["id"] for _ in range(3)]
    first = (await api.get("/activities", WHO, community_code=COMMUNITY, page_size=2)).json()
    cursor = first["next_cursor"]
    second = (await api.get("/activities", WHO, community_code=COMMUNITY, page_size=2, cursor=cursor)).json()
    assert [activity["id"] for page in (first, second) for activity in page["items"]] == ids
    assert second["next_cursor"] is None


async def test_refusals_say_what_to_do(api: ServiceClient, activity: dict[str, Any]) -> None:
    path = f"/activities/{activity['id']}"
    here = {"resident_community_code": COMMUNITY}
    for where, who, body, status, expected in (
        ("/activities", WHO, cleaning(), 403, "out-of-scope"),
        ("/activities", OPERATOR, cleaning(community_code="330281999999"), 404, "community-unknown"),
        ("/activities", OPERATOR, cleaning(ends_at=cleaning()["starts_at"]), 422, "activity-times-inadmissible"),
        ("/activities", OPERATOR, cleaning(capacity=0), 422, "malformed-request"),
        (f"/activities/{uuid.uuid4()}/sign-ups", WHO, resident_body(**here), 404, "activity-unseen"),
        (f"{path}/sign-ups", resident(uuid.uuid4()), resident_body(**here), 403, "out-of-scope"),
        (f"{path}/sign-ups", DESK, resident_body(channel="desk", **here), 422, "consent-missing"),
        (f"{path}/check-ins", WHO, resident_body(code=activity["code"]), 409, "not-signed-up"),
        (f"{path}/sign-ups", WHO, resident_body(**here), 201, None),
        (f"{path}/sign-ups", WHO, resident_body(**here), 409, "already-signed-up"),
        (f"{path}/check-ins", WHO, resident_body(), 403, "wrong-code"),
        (f"{path}/check-outs", WHO, resident_body(code=activity["code"]), 409, "not-checked-in"),
        (f"{path}/check-ins", WHO, resident_body(code=activity["code"]), 201, None),
        (f"{path}/check-ins", WHO, resident_body(code=activity["code"]), 409, "already-checked-in"),
        (f"{path}/check-outs", WHO, resident_body(code=activity["code"]), 201, None),
        (f"{path}/check-outs", WHO, resident_body(code=activity["code"]), 409, "already-checked-out"),
    ):
        answer = await api.post(where, who, body)
        assert (answer.status_code, kind(answer.json()) if expected else None) == (status, expected)


async def test_the_last_seat_taken_is_said(api: ServiceClient) -> None:
    activity = (await api.post("/activities", OPERATOR, cleaning(capacity=1))).json()
    answers = []
    for one in (uuid.uuid4(), uuid.uuid4()):
        body = resident_body(resident_id=str(one), resident_community_code=COMMUNITY)
        answers.append(await api.post(f"/activities/{activity['id']}/sign-ups", resident(one), body))
    assert [answer.status_code for answer in answers] == [201, 409]
    assert (kind(answers[1].json()), answers[1].json()["capacity"]) == ("activity-full", 1)
    shown = (await api.get(f"/activities/{activity['id']}", WHO)).json()
    assert shown["seats_taken"] == 1
