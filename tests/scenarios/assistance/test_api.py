"""The assisted channel through HTTP: every command says how it came, hours are kept, slips printed, equity reported."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.pdfgen.canvas import Canvas

from services.scenarios.arrivals.release_seats import release_seats
from services.scenarios.attendance.check_in import check_in
from services.scenarios.attendance.queries import Attend
from shared.database import Database
from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, CONSENT, DESK, NEXT_DESK, OPERATOR, at_desk, resident, tomorrow

OLD, YOUNG = uuid.uuid4(), uuid.uuid4()
COMMANDS = ("booking", "cancellation", "sign_up", "check_in", "check_out", "contribution", "turnout", "response")


def kind(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rsplit("/", 1)[1]


async def space(api: ServiceClient, **terms: object) -> str:
    hours = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]
    body = {"community_code": COMMUNITY, "name": "理发室", "opening_hours": hours, "slot_minutes": 30}
    return str((await api.post("/spaces", OPERATOR, {**body, "longest_minutes": 60, **terms})).json()["id"])


async def book(api: ServiceClient, where: str, hour: int, one: uuid.UUID, channel: str) -> httpx.Response:
    start, end = tomorrow(hour)
    body = {"space_id": where, "resident_id": str(one), "starts_at": start.isoformat(), "ends_at": end.isoformat()}
    own = channel in {"app", "web", "kiosk"}
    return await api.post(
        "/bookings",
        resident(one) if own else DESK,
        {**body, "channel": channel, **({} if own else {"consent": CONSENT})},
    )


async def sign_up(api: ServiceClient, activity_id: str, one: uuid.UUID, channel: str) -> httpx.Response:
    body = {"resident_id": str(one), "resident_community_code": COMMUNITY, "channel": channel}
    own = channel in {"app", "web", "kiosk"}
    path = f"/activities/{activity_id}/sign-ups"
    return await api.post(path, resident(one) if own else DESK, {**body, **({} if own else {"consent": CONSENT})})


async def activity(api: ServiceClient, **terms: object) -> str:
    start, end = tomorrow(9)
    body = {"community_code": COMMUNITY, "kind": "class", "title": "手机课", "capacity": 2, **terms}
    times = {"starts_at": start.isoformat(), "ends_at": end.isoformat()}
    return str((await api.post("/activities", OPERATOR, {**body, **times})).json()["id"])


async def test_seats_are_kept_for_those_who_are_helped_until_some_hours_before(api: ServiceClient) -> None:
    kept = await activity(api, quotas={"assisted": 1})
    assert (await sign_up(api, kept, YOUNG, "app")).status_code == 201
    refused = await sign_up(api, kept, uuid.uuid4(), "web")
    assert (refused.status_code, kind(refused.json())) == (409, "activity-full")
    assert (await sign_up(api, kept, OLD, "phone")).status_code == 201
    released = await activity(api, quotas={"assisted": 1}, quotas_until=datetime.now(UTC).isoformat())
    for one in (YOUNG, uuid.uuid4()):
        assert (await sign_up(api, released, one, "app")).status_code == 201
    body = {"resident_id": str(YOUNG), "resident_community_code": COMMUNITY, "channel": "app", "category": "assisted"}
    path = f"/activities/{kept}/sign-ups"
    assert (await api.post(path, resident(YOUNG), body)).status_code == 422


@pytest.mark.proves("S8")
async def test_those_without_a_phone_are_served_as_well_and_it_is_shown(api: ServiceClient) -> None:
    where = await space(api)
    kept = {"from_minute": 480, "to_minute": 720, "release_hours": 1}
    assert (await api.post(f"/spaces/{where}/assisted-reserve", DESK, kept)).status_code == 201
    refused = await book(api, where, 9, YOUNG, "app")
    assert (refused.status_code, kind(refused.json())) == (409, "reserved-for-assisted")
    for hour, channel in ((8, "phone"), (9, "desk"), (10, "visit"), (11, "paper")):
        made = await book(api, where, hour, OLD, channel)
        assert made.status_code == 201, made.text
        assert (made.json()["channel"], made.json()["booked_by"], made.json()["consent"]) == (
            channel, DESK.subject, CONSENT,
        )  # fmt: skip
    slip = await api.get(f"/bookings/{made.json()['id']}/slip", DESK)
    assert (slip.headers["content-type"], slip.content[:5]) == ("application/pdf", b"%PDF-")
    for hour, channel in ((14, "app"), (15, "web"), (16, "kiosk")):
        assert (await book(api, where, hour, YOUNG, channel)).status_code == 201
    released = {"from_minute": 1020, "to_minute": 1080, "release_hours": 1}
    await api.post(f"/spaces/{where}/assisted-reserve", DESK, released)
    assert (await book(api, where, 17, YOUNG, "app")).status_code == 409  # not yet an hour before
    await api.post(f"/spaces/{where}/assisted-reserve", DESK, {**released, "release_hours": 48})
    assert (await book(api, where, 17, YOUNG, "app")).status_code == 201
    for one, band in ((OLD, "80+"), (YOUNG, "18-59")):
        noted = await api.post("/age-bands", DESK, {"community_code": COMMUNITY, "resident_id": str(one), "band": band})
        assert noted.status_code == 201
    await a_request_that_waits_and_a_seat_that_is_missed(api)
    report = (await api.get("/equity", OPERATOR, community_code=COMMUNITY, **window())).json()["items"]
    columns = ("asked", "succeeded", "wait_minutes", "missed")
    assert {(row["channel"], row["band"]): tuple(row[what] for what in columns) for row in report} == {
        **{(channel, "80+"): (1, 1, 0, 0) for channel in ("desk", "visit", "paper")},
        **{(channel, "18-59"): (1, 1, 0, 0) for channel in ("web", "kiosk")},
        ("phone", "80+"): (3, 2, 0, 1),
        ("app", "18-59"): (3, 3, 0, 0),
    }


async def a_request_that_waits_and_a_seat_that_is_missed(api: ServiceClient) -> None:
    """Decline after an hour what an elder asked for by phone, and release the seat that was kept for it."""
    approved = await space(api, approval_required=True)
    asked = (await book(api, approved, 9, OLD, "phone")).json()["id"]
    owner = await asyncpg.connect(api.database.owner)
    await owner.execute("UPDATE booking SET booked_at = booked_at - interval '1 hour' WHERE id = $1", uuid.UUID(asked))
    await owner.close()
    declined = await api.post(f"/bookings/{asked}/decision", DESK, {"approved": False, "reason": "检修"})
    assert declined.status_code == 201, declined.text
    kept = await activity(api, quotas={"assisted": 1}, grace_minutes=10)
    assert (await sign_up(api, kept, YOUNG, "app")).status_code == 201
    refused = await sign_up(api, kept, uuid.uuid4(), "web")
    assert (refused.status_code, kind(refused.json())) == (409, "activity-full")
    assert (await sign_up(api, kept, OLD, "phone")).json()["channel"] == "phone"
    database = Database(api.database.app, name="test", pool_size=1)
    async with database.transaction() as session:
        start = tomorrow(9)[0]
        young = Attend(uuid.UUID(kept), at_desk(YOUNG), None, None, DESK, start)
        await check_in(session, young)
        assert await release_seats(session, COMMUNITY, uuid.UUID(kept), start + timedelta(minutes=10)) == 1
    await database.close()


def window() -> dict[str, str]:
    now = datetime.now(UTC)
    return {"from": (now - timedelta(days=1)).isoformat(), "to": (now + timedelta(days=1)).isoformat()}


async def test_every_record_of_a_command_says_how_it_came(api: ServiceClient) -> None:
    owner = await asyncpg.connect(api.database.owner)
    for table in COMMANDS:
        names = await owner.fetch("SELECT column_name FROM information_schema.columns WHERE table_name = $1", table)
        assert {"channel", "given_by", "consent"} <= {row["column_name"] for row in names}, table
    await owner.close()


async def test_the_reserve_opens_to_all_some_hours_before(api: ServiceClient) -> None:
    where = await space(api)
    everything = {"from_minute": 0, "to_minute": 1440, "release_hours": 48}  # tomorrow begins within two days
    await api.post(f"/spaces/{where}/assisted-reserve", DESK, everything)
    assert (await book(api, where, 9, YOUNG, "app")).status_code == 201


async def test_what_is_kept_is_not_had_by_moving_a_booking_there(api: ServiceClient) -> None:
    where = await space(api)
    kept = {"from_minute": 480, "to_minute": 720, "release_hours": 1}
    await api.post(f"/spaces/{where}/assisted-reserve", DESK, kept)
    made = (await book(api, where, 14, YOUNG, "app")).json()
    start, end = tomorrow(9)
    times = {"starts_at": start.isoformat(), "ends_at": end.isoformat()}
    path = f"/bookings/{made['id']}/rescheduling"
    refused = await api.post(path, resident(YOUNG), {**times, "channel": "app"})
    assert (refused.status_code, kind(refused.json())) == (409, "reserved-for-assisted")
    assert (await api.post(path, DESK, {**times, "channel": "phone", "consent": CONSENT})).status_code == 201


async def test_what_is_kept_of_a_morning_is_not_had_by_a_booking_over_midnight(api: ServiceClient) -> None:
    hours = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(1, 8)]
    where = await space(api, opening_hours=hours, longest_minutes=720)
    await api.post(f"/spaces/{where}/assisted-reserve", DESK, {"from_minute": 0, "to_minute": 720, "release_hours": 1})
    start, _ = tomorrow(23)
    body = {"space_id": where, "resident_id": str(YOUNG), "channel": "app", "starts_at": start.isoformat()}
    refused = await api.post(
        "/bookings", resident(YOUNG), {**body, "ends_at": (start + timedelta(hours=9)).isoformat()}
    )
    assert (refused.status_code, kind(refused.json())) == (409, "reserved-for-assisted")
    until = {"ends_at": (start + timedelta(hours=1)).isoformat()}
    assert (await api.post("/bookings", resident(YOUNG), {**body, **until})).status_code == 201


async def test_a_slip_says_where_and_when_in_large_print_with_a_code(
    api: ServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[str, float]] = []
    codes: list[str] = []

    class Watched(Canvas):
        def drawString(self, x: float, y: float, text: str, *more: Any, **named: Any) -> None:  # noqa: ANN401, N802
            drawn.append((text, vars(self)["_fontsize"]))
            super().drawString(x, y, text, *more, **named)

    class Coded(QrCodeWidget):
        def __init__(self, value: str, **named: Any) -> None:  # noqa: ANN401
            codes.append(value)
            super().__init__(value, **named)

    monkeypatch.setattr("shared.slip.Canvas", Watched)
    monkeypatch.setattr("shared.slip.QrCodeWidget", Coded)
    where = await space(api)
    made = (await book(api, where, 9, OLD, "desk")).json()
    slip = await api.get(f"/bookings/{made['id']}/slip", resident(OLD))
    assert slip.content == (await api.get(f"/bookings/{made['id']}/slip", DESK)).content
    written = " ".join(text for text, _ in drawn)
    for words in ("预约凭条", "东江社区", "理发室", "09:00 至 10:00", made["id"][-8:]):
        assert words in written
    assert min(size for _, size in drawn) >= 18
    assert set(codes) == {f"linli:booking:{made['id']}"}


async def test_strangers_get_no_slip_and_change_nothing(api: ServiceClient) -> None:
    where = await space(api)
    made = (await book(api, where, 9, OLD, "desk")).json()
    for who in (resident(YOUNG), NEXT_DESK):
        hidden = await api.get(f"/bookings/{made['id']}/slip", who)
        assert (hidden.status_code, kind(hidden.json())) == (404, "booking-unseen")
    kept = {"from_minute": 480, "to_minute": 720, "release_hours": 48}
    band = {"community_code": COMMUNITY, "resident_id": str(OLD), "band": "80+"}
    for path, body in ((f"/spaces/{where}/assisted-reserve", kept), ("/age-bands", band)):
        assert (await api.post(path, NEXT_DESK, body)).status_code == 403
    assert (await api.get("/equity", NEXT_DESK, community_code=COMMUNITY, **window())).status_code == 403
    backwards = {**kept, "to_minute": 480}
    assert (await api.post(f"/spaces/{where}/assisted-reserve", DESK, backwards)).status_code == 422
