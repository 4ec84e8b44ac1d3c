"""Arrivals through HTTP."""

import uuid
from datetime import UTC, datetime
from typing import Any

from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, DESK, NEXT_DESK, OPERATOR, resident, tomorrow

ONE = uuid.uuid4()


def kind(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rsplit("/", 1)[1]


async def space(api: ServiceClient) -> str:
    hours = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]
    body = {"community_code": COMMUNITY, "name": "议事厅", "opening_hours": hours, "slot_minutes": 30}
    return str((await api.post("/spaces", OPERATOR, {**body, "longest_minutes": 60})).json()["id"])


async def test_the_roll_the_policy_and_an_arrival_too_early(api: ServiceClient) -> None:
    hall = await space(api)
    start, end = tomorrow(9)
    body = {"space_id": hall, "resident_id": str(ONE), "channel": "app", "starts_at": start.isoformat()}
    made = await api.post("/bookings", resident(ONE), {**body, "ends_at": end.isoformat()})
    path = f"/bookings/{made.json()['id']}"
    unset = await api.post(f"{path}/arrival", DESK, {"way": "desk"})
    assert (unset.status_code, kind(unset.json())) == (409, "no-check-in")
    policy = await api.post(f"/spaces/{hall}/check-in-policy", DESK, {"grace_minutes": 20})
    assert (policy.status_code, len(policy.json()["code"])) == (201, 8)
    early = await api.post(f"{path}/arrival", DESK, {"way": "name"})
    assert (early.status_code, kind(early.json())) == (409, "outside-arrival")
    wrong = await api.post(f"{path}/arrival", resident(ONE), {"way": "qr", "code": "?"})
    assert (wrong.status_code, kind(wrong.json())) == (403, "wrong-code")
    assert (await api.post(f"{path}/departure", DESK)).status_code == 409
    (entry,) = (await api.get(f"/spaces/{hall}/roll", DESK, day=start.date().isoformat())).json()["items"]
    assert (entry["booking_id"], entry["arrived_at"]) == (made.json()["id"], None)
    assert (await api.get(f"/spaces/{hall}/roll", DESK, day="9999-12-31")).status_code == 422
    assert (await api.get(f"/spaces/{hall}/roll", NEXT_DESK, day=start.date().isoformat())).status_code == 403
    assert (await api.post(f"/spaces/{hall}/check-in-policy", NEXT_DESK, {})).status_code == 403


async def test_standing_exemption_and_appeals_without_a_miss(api: ServiceClient) -> None:
    path = f"/residents/{ONE}/standing"
    assert (await api.get(path, resident(ONE), community_code=COMMUNITY)).json() == {
        "missed": 0, "limited_until": None, "no_shows": [],
    }  # fmt: skip
    assert (await api.get(path, resident(uuid.uuid4()), community_code=COMMUNITY)).status_code == 403
    until = datetime(2027, 6, 1, tzinfo=UTC).isoformat()
    body = {"community_code": COMMUNITY, "resident_id": str(ONE), "until": until, "reference": "住院证明 12"}
    assert (await api.post("/exemptions", DESK, body)).status_code == 201
    for what, said in (("appeal", {"text": "我去了"}), ("decision", {"upheld": True})):
        missing = await api.post(f"/no-shows/{ONE}/{what}", DESK, said)
        assert (missing.status_code, kind(missing.json())) == (404, "no-show-unseen")
