"""Bookings through HTTP."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.identity import Identity
from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, CONSENT, DESK, NEXT_DESK, OPERATOR, resident, tomorrow

RESIDENT = uuid.uuid4()
WHO = resident(RESIDENT)


@pytest.fixture
async def space_id(api: ServiceClient) -> str:
    hours = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]
    terms = {"opening_hours": hours, "slot_minutes": 30, "buffer_minutes": 15, "longest_minutes": 120}
    published = await api.post("/spaces", OPERATOR, {"community_code": COMMUNITY, "name": "会议室", **terms})
    return str(published.json()["id"])


def request(space: str, **changes: object) -> dict[str, Any]:
    start, end = tomorrow(9)
    return {
        "space_id": space,
        "starts_at": start.isoformat(),
        "ends_at": end.isoformat(),
        "resident_id": str(RESIDENT),
        "channel": "app",
        **changes,
    }


def kind(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rsplit("/", 1)[1]


async def test_a_resident_books_looks_and_cancels(api: ServiceClient, space_id: str) -> None:
    made = await api.post("/bookings", WHO, request(space_id))
    assert made.status_code == 201
    booking = made.json()
    assert (booking["state"], booking["booked_by"], booking["consent"]) == ("confirmed", WHO.subject, None)
    assert (await api.get(f"/bookings/{booking['id']}", WHO)).json() == booking
    cancelled = await api.post(f"/bookings/{booking['id']}/cancellation", WHO, {"channel": "app"})
    assert (cancelled.status_code, cancelled.json()["state"]) == (201, "cancelled")
    again = await api.post(f"/bookings/{booking['id']}/cancellation", WHO, {"channel": "app"})
    assert (again.status_code, kind(again.json())) == (409, "booking-cancelled")


async def test_the_desk_books_for_someone_without_a_phone(api: ServiceClient, space_id: str) -> None:
    body = request(space_id, channel="desk", consent=CONSENT)
    booking = (await api.post("/bookings", DESK, body)).json()
    assert (booking["resident_id"], booking["booked_by"]) == (str(RESIDENT), DESK.subject)
    assert (booking["channel"], booking["consent"]) == ("desk", CONSENT)
    assert (await api.get(f"/bookings/{booking['id']}", WHO)).status_code == 200


async def test_the_second_gets_a_409_with_alternatives(api: ServiceClient, space_id: str) -> None:
    await api.post("/bookings", WHO, request(space_id))
    other = uuid.uuid4()
    refused = await api.post("/bookings", resident(other), request(space_id, resident_id=str(other)))
    assert (refused.status_code, kind(refused.json())) == (409, "slot-taken")
    first = refused.json()["alternatives"]["same_space"][0]
    offered = {"starts_at": first["starts_at"], "ends_at": first["ends_at"], "resident_id": str(other)}
    assert (await api.post("/bookings", resident(other), request(space_id, **offered))).status_code == 201


async def test_a_replay_books_once_and_gets_the_same_answer(api: ServiceClient, space_id: str) -> None:
    first = await api.post("/bookings", WHO, request(space_id), key="booking-one")
    again = await api.post("/bookings", WHO, request(space_id), key="booking-one")
    assert (again.status_code, again.content) == (201, first.content)


@pytest.mark.parametrize("who", [resident(uuid.uuid4()), NEXT_DESK])
async def test_a_booking_is_unseen_by_other_residents_and_other_desks(
    api: ServiceClient, space_id: str, who: Identity
) -> None:
    booking_id = (await api.post("/bookings", WHO, request(space_id))).json()["id"]
    answers = [
        await api.get(f"/bookings/{booking_id}", who),
        await api.post(f"/bookings/{booking_id}/cancellation", who, {"channel": "app"}),
        await api.get(f"/bookings/{uuid.uuid4()}", WHO),
    ]
    assert {(a.status_code, kind(a.json())) for a in answers} == {(404, "booking-unseen")}


async def test_free_periods_follow_the_bookings(api: ServiceClient, space_id: str) -> None:
    await api.post("/bookings", WHO, request(space_id))
    within = {"from": tomorrow(8)[0].isoformat(), "to": tomorrow(12)[0].isoformat()}
    free = await api.get(f"/spaces/{space_id}/free", WHO, **within)
    periods = [tuple(map(datetime.fromisoformat, period.values())) for period in free.json()["items"]]
    # Until nine there is an hour, but its second half leaves no time to clean.
    assert periods == [tomorrow(8, minutes=30), (tomorrow(10, 30)[0], tomorrow(12)[0])]


async def test_refusals_to_book_say_what_to_do(api: ServiceClient, space_id: str) -> None:
    start = tomorrow(9)[0]
    for who, changes, status, expected in (
        (resident(uuid.uuid4()), {}, 403, "out-of-scope"),
        (DESK, {"channel": "desk"}, 422, "consent-missing"),
        (DESK, {"consent": CONSENT}, 422, "channel-not-allowed"),
        (WHO, {"space_id": str(uuid.uuid4())}, 404, "space-unseen"),
        (WHO, {"ends_at": start.isoformat()}, 422, "period-reversed"),
        (WHO, {"starts_at": (start - timedelta(days=3)).isoformat()}, 422, "period-past"),
        (WHO, {"ends_at": (start + timedelta(hours=3)).isoformat()}, 422, "period-too-long"),
        (WHO, {"ends_at": (start + timedelta(minutes=20)).isoformat()}, 422, "period-off-grid"),
        (WHO, {"starts_at": start.replace(tzinfo=None).isoformat()}, 422, "malformed-request"),
        (WHO, {"channel": "pigeon"}, 422, "malformed-request"),
    ):
        refused = await api.post("/bookings", who, request(space_id, **changes))
        assert (refused.status_code, kind(refused.json())) == (status, expected)
    night = tomorrow(22)
    refused = await api.post("/bookings", WHO, request(space_id, starts_at=str(night[0]), ends_at=str(night[1])))
    assert (kind(refused.json()), refused.json()["open"]) == ("outside-opening-hours", "08:00–22:00")


async def test_a_search_for_free_periods_is_bounded(api: ServiceClient, space_id: str) -> None:
    start = tomorrow(8)[0]
    for days, expected in ((32, "search-too-long"), (-1, "period-reversed")):
        until = (start + timedelta(days=days)).isoformat()
        refused = await api.get(f"/spaces/{space_id}/free", WHO, **{"from": start.isoformat(), "to": until})
        assert (refused.status_code, kind(refused.json())) == (422, expected)
