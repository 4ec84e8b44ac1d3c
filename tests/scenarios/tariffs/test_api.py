"""Tariffs and payments in points through HTTP."""

import uuid
from typing import Any

import httpx

from services.scenarios.tariffs.consumers import note_answer
from shared.database import Database
from shared.events.points import PaymentStepAnswered
from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, DESK, OPERATOR, resident, tomorrow
from tests.told import told

ONE = uuid.uuid4()
PRICE = {"fen_per_hour": 3_000, "fen_cap": 5_000, "points_per_hour": 20, "points_cap": 30, "free_for": ["80+"]}
IN_APP = {"channel": "app"}


def kind(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).rsplit("/", 1)[1]


async def space(api: ServiceClient, **terms: object) -> str:
    hours = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]
    body = {"community_code": COMMUNITY, "name": "羽毛球馆", "opening_hours": hours, "slot_minutes": 30}
    made = await api.post("/spaces", OPERATOR, {**body, "longest_minutes": 240, **terms})
    return str(made.json()["id"])


async def hold(api: ServiceClient, where: str, hour: int, who: uuid.UUID = ONE, *, held: bool = True) -> str:
    start, end = tomorrow(hour)
    body = {"space_id": where, "resident_id": str(who), "starts_at": start.isoformat(), "ends_at": end.isoformat()}
    made = await api.post("/bookings", resident(who), {**body, **IN_APP, "hold": held})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def answer(api: ServiceClient, booking_id: str, step: str, reason: str | None = None) -> None:
    database = Database(api.database.app, name="test", pool_size=1)
    event = PaymentStepAnswered(
        community_code=COMMUNITY,
        booking_id=uuid.UUID(booking_id),
        resident_id=ONE,
        step=step,
        accepted=reason is None,
        reason=reason,
    )
    async with database.transaction() as session:
        await note_answer(session, event)
    await database.close()


async def asked(api: ServiceClient) -> list[str]:
    database = Database(api.database.app, name="test", pool_size=1)
    events = await told(database, "scenarios.payment-step-requested.v1")
    await database.close()
    return [event["step"] for event in events]


async def charge(api: ServiceClient, booking_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(f"/bookings/{booking_id}/charge", resident(ONE))).json()
    return found


async def test_a_held_booking_is_paid_in_points_and_confirmed(api: ServiceClient) -> None:
    where = await space(api)
    assert kind(await api.get(f"/spaces/{where}/tariff", resident(ONE))) == (404, "tariff-unseen")
    assert (await api.post(f"/spaces/{where}/tariff", OPERATOR, PRICE)).status_code == 201
    assert (await api.get(f"/spaces/{where}/tariff", resident(ONE))).json() == PRICE
    booking = await hold(api, where, 9)
    assert await charge(api, booking) == {"fen": 3_000, "points": 20, "payment": None}
    begun = await api.post(f"/bookings/{booking}/payment", resident(ONE), IN_APP)
    assert (begun.status_code, begun.json()["state"]) == (201, "paying")
    assert kind(await api.post(f"/bookings/{booking}/payment", resident(ONE), IN_APP)) == (409, "payment-begun")
    await answer(api, booking, "capture")  # nobody asked for that yet
    for step in ("hold", "hold", "capture"):  # an answer that comes twice is noted once
        await answer(api, booking, step)
    assert (await api.get(f"/bookings/{booking}", resident(ONE))).json()["state"] == "confirmed"
    assert (await charge(api, booking))["payment"]["state"] == "paid"
    assert await asked(api) == ["hold", "capture"]


async def test_who_has_too_few_points_is_told_and_may_confirm_and_pay_at_the_desk(api: ServiceClient) -> None:
    where = await space(api)
    await api.post(f"/spaces/{where}/tariff", OPERATOR, PRICE)
    booking = await hold(api, where, 9)
    await api.post(f"/bookings/{booking}/payment", resident(ONE), IN_APP)
    await answer(api, booking, "hold", "not-enough-points")
    payment = (await charge(api, booking))["payment"]
    assert (payment["state"], payment["reason"]) == ("unpaid", "not-enough-points")
    assert (await api.post(f"/bookings/{booking}/confirmation", resident(ONE), IN_APP)).status_code == 201


async def test_what_cannot_be_captured_is_cancelled_and_let_go(api: ServiceClient) -> None:
    where = await space(api)
    await api.post(f"/spaces/{where}/tariff", OPERATOR, PRICE)
    booking = await hold(api, where, 9)
    await api.post(f"/bookings/{booking}/payment", resident(ONE), IN_APP)
    await answer(api, booking, "hold")
    await answer(api, booking, "capture", "hold-closed")
    assert (await api.get(f"/bookings/{booking}", resident(ONE))).json()["state"] == "cancelled"
    assert await asked(api) == ["hold", "capture", "release"]
    await answer(api, booking, "release")
    assert (await charge(api, booking))["payment"]["state"] == "unpaid"
    await hold(api, where, 9)  # the slot is free again


async def test_where_staff_approve_points_wait_for_their_decision(api: ServiceClient) -> None:
    where = await space(api, approval_required=True)
    await api.post(f"/spaces/{where}/tariff", OPERATOR, PRICE)
    booking = await hold(api, where, 9)
    await api.post(f"/bookings/{booking}/payment", resident(ONE), IN_APP)
    await answer(api, booking, "hold")
    assert (await api.get(f"/bookings/{booking}", resident(ONE))).json()["state"] == "requested"
    assert await asked(api) == ["hold"]


async def test_what_is_free_or_not_held_is_not_paid_in_points(api: ServiceClient) -> None:
    where, old = await space(api), uuid.uuid4()
    free = await hold(api, where, 9)
    refused = await api.post(f"/bookings/{free}/payment", resident(ONE), IN_APP)
    assert kind(refused) == (409, "not-payable-in-points")
    await api.post(f"/spaces/{where}/tariff", OPERATOR, PRICE)
    await api.post("/age-bands", DESK, {"community_code": COMMUNITY, "resident_id": str(old), "band": "80+"})
    freed = await hold(api, where, 11, old)
    assert kind(await api.post(f"/bookings/{freed}/payment", resident(old), IN_APP)) == (409, "not-payable-in-points")
    confirmed = await hold(api, where, 13, held=False)
    assert kind(await api.post(f"/bookings/{confirmed}/payment", resident(ONE), IN_APP)) == (409, "booking-state")
    assert kind(await api.post(f"/bookings/{confirmed}/payment", resident(old), IN_APP)) == (404, "booking-unseen")
    assert (await api.post(f"/spaces/{where}/tariff", DESK, PRICE)).status_code == 403
    half = {**PRICE, "points_cap": None}
    assert (await api.post(f"/spaces/{where}/tariff", OPERATOR, half)).status_code == 422
