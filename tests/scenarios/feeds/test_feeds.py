"""Feeds as strangers read them: two foreign iCalendar parsers, and FHIR's own resources."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import ics
import pytest
import vobject
from fhir.resources.R4B.appointment import Appointment
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.slot import Slot

from services.scenarios.feeds.rules import Item, icalendar, uid
from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, OPERATOR, clock, resident, tomorrow

RESIDENT = uuid.uuid4()
WHO = resident(RESIDENT)


@pytest.fixture
async def space_id(api: ServiceClient) -> str:
    hours = [{"weekday": day, "opens": "08:00", "closes": "12:00"} for day in range(1, 8)]
    terms = {"opening_hours": hours, "slot_minutes": 30, "longest_minutes": 120}
    body = {"community_code": COMMUNITY, "name": "智慧健康站；一号, 诊室", **terms}
    return str((await api.post("/spaces", OPERATOR, body)).json()["id"])


async def take(api: ServiceClient, space: str, hour: int) -> dict[str, Any]:
    start, end = tomorrow(hour)
    body = {"space_id": space, "resident_id": str(RESIDENT), "channel": "app"}
    made = await api.post("/bookings", WHO, {**body, "starts_at": start.isoformat(), "ends_at": end.isoformat()})
    return dict(made.json())


async def read(api: ServiceClient, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the events of a feed by their UID, as each of two parsers reads them."""
    feed = await api.get(path, WHO)
    assert feed.headers["content-type"].startswith("text/calendar")
    first = {event.uid: event for event in ics.Calendar(feed.text).events}
    second = {event.uid.value: event for event in vobject.readOne(feed.text).contents.get("vevent", [])}
    assert first.keys() == second.keys()
    return first, second


@pytest.mark.proves("S19")
@pytest.mark.parametrize("path", ["/spaces/{space}/calendar.ics", f"/residents/{RESIDENT}/calendar.ics"])
async def test_a_feed_keeps_the_uid_raises_the_sequence_and_leaves_tombstones(
    api: ServiceClient, space_id: str, path: str
) -> None:
    path = path.format(space=space_id)
    booking = await take(api, space_id, 9)
    key = uid(uuid.UUID(booking["id"]))
    for step, (hour, sequence, status) in enumerate(((9, 0, "CONFIRMED"), (10, 1, "CONFIRMED"), (10, 2, "CANCELLED"))):
        if step == 1:
            start, end = tomorrow(10)
            times = {"starts_at": start.isoformat(), "ends_at": end.isoformat(), "channel": "app"}
            assert (await api.post(f"/bookings/{booking['id']}/rescheduling", WHO, times)).status_code == 201
        if step == 2:
            await api.post(f"/bookings/{booking['id']}/cancellation", WHO, {"channel": "app"})
        first, second = await read(api, path)
        assert first[key].begin.datetime == second[key].dtstart.value == tomorrow(hour)[0]
        assert first[key].end.datetime == second[key].dtend.value == tomorrow(hour)[1]
        assert (second[key].sequence.value, second[key].status.value) == (str(sequence), status)
        assert first[key].status == status
        assert first[key].location == second[key].location.value == "智慧健康站；一号, 诊室"


@pytest.mark.proves("S19")
async def test_a_feed_that_has_not_changed_is_not_sent_again_and_says_nothing_of_who_booked(
    api: ServiceClient, space_id: str
) -> None:
    await take(api, space_id, 9)
    path = f"/spaces/{space_id}/calendar.ics"
    feed = await api.get(path, WHO)
    assert "METHOD:PUBLISH" in feed.text
    assert not [word for word in ("ATTENDEE", "ORGANIZER", str(RESIDENT)) if word in feed.text]
    headers = {**api.headers(WHO), "If-None-Match": feed.headers["etag"]}
    assert (await api.http.get(path, headers=headers)).status_code == 304
    await take(api, space_id, 10)
    again = await api.http.get(path, headers=headers)
    assert (again.status_code, again.headers["etag"] == feed.headers["etag"]) == (200, False)


async def test_a_resident_s_own_feed_is_its_own(api: ServiceClient, space_id: str) -> None:
    await take(api, space_id, 9)
    for who in (resident(uuid.uuid4()), OPERATOR):
        refused = await api.get(f"/residents/{RESIDENT}/calendar.ics", who)
        assert refused.status_code == 403


def test_a_long_name_is_folded_and_read_whole() -> None:
    name = "社区综合文化活动中心" * 12
    item = Item(uuid.uuid4(), name, (clock(1, 9), clock(1, 10)), "requested", 0, datetime(2027, 3, 1, tzinfo=UTC))
    feed = icalendar("日历", [item])
    assert max(len(line) for line in feed.split(b"\r\n")) <= 75
    (event,) = ics.Calendar(feed.decode()).events
    assert event.location == vobject.readOne(feed.decode()).vevent.location.value == name
    assert event.status == "TENTATIVE"


@pytest.mark.proves("S19")
async def test_slots_and_appointments_are_valid_fhir(api: ServiceClient, space_id: str) -> None:
    booking = await take(api, space_id, 9)
    within = {"from": tomorrow(0)[0].isoformat(), "to": (tomorrow(0)[0] + timedelta(days=1)).isoformat()}
    answer = await api.get(f"/spaces/{space_id}/fhir/Slot", WHO, **within)
    assert answer.headers["content-type"] == "application/fhir+json"
    assert Bundle.model_validate(answer.json()).total == 3
    slots = [Slot.model_validate(entry["resource"]) for entry in answer.json()["entry"]]
    assert [(slot.start, slot.status) for slot in slots] == [
        (tomorrow(8)[0], "free"),
        (tomorrow(9)[0], "busy"),
        (tomorrow(10)[0], "free"),
    ]
    path = f"/bookings/{booking['id']}/fhir/Appointment"
    booked = Appointment.model_validate((await api.get(path, WHO)).json())
    assert (booked.status, booked.start, booked.id) == ("booked", tomorrow(9)[0], booking["id"])
    await api.post(f"/bookings/{booking['id']}/cancellation", WHO, {"channel": "app"})
    assert Appointment.model_validate((await api.get(path, WHO)).json()).status == "cancelled"
    assert (await api.get(path, resident(uuid.uuid4()))).status_code == 404
