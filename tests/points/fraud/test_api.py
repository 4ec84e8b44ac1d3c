"""Suspicions freeze value on its way out; an appeal is decided by another; nobody looking is no value out."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest

from benchmarks.fraud import simulate, table
from services.points.fraud.screen import screen
from shared.database import Database
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import DONGJIANG, OFFICIAL, QINGBO, agree, budget_of, kind, take_part

RESIDENT_ID, SHOP = uuid.uuid4(), uuid.uuid4()
RESIDENT = identity(f"resident:{RESIDENT_ID}", ("resident", QINGBO))
STRANGER = identity(f"resident:{uuid.uuid4()}", ("resident", QINGBO))
MERCHANT = identity(f"merchant:{SHOP}", ("merchant", QINGBO))
DESK = identity("staff:li", ("desk", QINGBO))
JUDGE = identity("staff:judge", ("official", "330102"))
HERE = {"community_code": QINGBO}


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """A community with a rule, a budget and a shop."""
    client = await start_api("points")
    await take_part(client, QINGBO, shops={SHOP: QINGBO})
    await agree(client, budget_of(10_000))
    rule = {"kind": "rule", **HERE, "activity": "recycling", "asset_class": "service", "points": 1, "per_quantity": 1}
    await agree(client, {**rule, "points_max_per_deed": 100, "effective_from": "2020-01-01T00:00:00+08:00"})
    return client


async def earn(api: ServiceClient, times: int) -> None:
    now = datetime.now(UTC)
    for n in range(times):
        deed = {"activity": "recycling", "reference": uuid.uuid4().hex, "resident_id": str(RESIDENT_ID), "quantity": 20}
        deed |= {**HERE, "occurred_at": (now - timedelta(minutes=n)).isoformat(), "evidence": {}}
        assert (await api.post("/deeds", DESK, deed)).status_code == 201


async def authorise(api: ServiceClient) -> httpx.Response:
    code = (await api.post("/payment-codes", RESIDENT, {})).json()["code"]
    return await api.post("/payments", MERCHANT, {"merchant_id": str(SHOP), "code": code, "points": 5})


async def redeem(api: ServiceClient) -> httpx.Response:
    quote = await api.post("/quotes", RESIDENT, {"merchant_id": str(SHOP), "price": 5})
    return await execute(api, quote.json()["id"]) if quote.status_code == 201 else quote


async def execute(api: ServiceClient, quote_id: str) -> httpx.Response:
    return await api.post("/redemptions", RESIDENT, {"quote_id": quote_id})


async def look(api: ServiceClient, *, days_later: int = 0) -> int:
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        found = await screen(session, now=datetime.now(UTC) + timedelta(days=days_later))
    await database.close()
    return found


@pytest.mark.proves("P41")
async def test_what_is_suspected_does_not_leave_until_another_person_has_heard_the_appeal(api: ServiceClient) -> None:
    rows = table(simulate(1, 1000))  # rings, velocity, split bills, ghosts, concentrated granting, buy–earn–refund
    assert len(rows) == 6
    assert all(row.found * 100 >= row.guilty * 80 and row.accused * 100 <= row.innocent for row in rows)
    await earn(api, 12)
    held = (await authorise(api)).json()
    quoted = (await api.post("/quotes", RESIDENT, {"merchant_id": str(SHOP), "price": 5})).json()
    assert (await look(api), await look(api)) == (1, 0)
    [freeze] = (await api.get("/freezes", RESIDENT)).json()
    assert (freeze["detector"], "12" in freeze["reason"]) == ("velocity", True)
    # Nothing leaves, whichever way, not even what was promised before; earning goes on.
    at_the_till = await authorise(api)
    assert (kind(at_the_till), at_the_till.json()["who"]) == ((409, "frozen"), "resident")
    assert str(RESIDENT_ID) not in at_the_till.text
    assert kind(await redeem(api)) == (409, "frozen")
    assert kind(await execute(api, quoted["id"])) == (409, "frozen")
    assert kind(await api.post(f"/payments/{held['id']}/capture", MERCHANT, {})) == (409, "frozen")
    await earn(api, 1)
    path, verdict = f"/freezes/{freeze['id']}", {"lift": True, "remark": "社区环保日，核实无误"}
    assert kind(await api.post(f"{path}/appeal", STRANGER, {"appeal": "不是我"})) == (404, "freeze-unknown")
    appealed = await api.post(f"{path}/appeal", RESIDENT, {"appeal": "当天是环保日"})
    assert appealed.json()["appeal"] == "当天是环保日"
    assert kind(await api.post(f"{path}/appeal", RESIDENT, {"appeal": "再说一次"})) == (409, "freeze-closed")
    assert kind(await api.post(f"{path}/decision", RESIDENT, verdict)) == (403, "own-freeze")
    upheld = await api.post(f"{path}/decision", JUDGE, {**verdict, "lift": False})
    assert (upheld.json()["lifted"], kind(await redeem(api))) == (False, (409, "frozen"))
    assert (await api.post(f"{path}/decision", JUDGE, verdict)).json()["lifted"] is True
    assert (await redeem(api)).status_code == 201
    assert (await api.post(f"/payments/{held['id']}/capture", MERCHANT, {})).status_code == 200
    assert kind(await api.post(f"{path}/decision", JUDGE, verdict)) == (409, "freeze-closed")
    await _closed_when_nobody_looks(api)


async def _closed_when_nobody_looks(api: ServiceClient) -> None:
    admin = await asyncpg.connect(api.database.admin)
    await admin.execute("UPDATE screening SET screened_at = screened_at - interval '3 days'")
    assert kind(await redeem(api)) == (409, "screening-late")
    assert kind(await authorise(api)) == (409, "screening-late")
    await look(api)
    assert (await redeem(api)).status_code == 201
    await admin.close()


async def test_a_merchant_is_frozen_by_hand_and_cleared_by_another(api: ServiceClient) -> None:
    await earn(api, 1)
    body = {"who": f"merchant:{SHOP}", **HERE, "reason": "举报虚假交易"}
    assert kind(await api.post("/freezes", DESK, body)) == (403, "out-of-scope")
    freeze = (await api.post("/freezes", OFFICIAL, body)).json()
    assert kind(await authorise(api)) == (409, "frozen")
    verdict = {"lift": True, "remark": "查无实据"}
    assert kind(await api.post(f"/freezes/{freeze['id']}/decision", OFFICIAL, verdict)) == (403, "own-freeze")
    listed = (await api.get("/freezes", JUDGE, area="330102")).json()
    assert [one["detector"] for one in listed] == ["manual"]
    assert (await api.post(f"/freezes/{freeze['id']}/decision", JUDGE, verdict)).status_code == 200
    assert (await authorise(api)).status_code == 201


async def test_an_official_freezes_nobody_who_has_no_account_in_its_area(api: ServiceClient) -> None:
    far = identity("staff:far", ("official", DONGJIANG))
    await earn(api, 1)
    for who in (f"merchant:{SHOP}", RESIDENT.subject):
        body = {"who": who, "community_code": DONGJIANG, "reason": "举报虚假交易"}
        assert kind(await api.post("/freezes", far, body)) == (404, "nothing-to-freeze")
    assert (await authorise(api)).status_code == 201
    assert (await api.post("/freezes", OFFICIAL, {**body, **HERE})).status_code == 201


async def test_32_freezes_by_one_official_at_once_are_one(api: ServiceClient) -> None:
    body = {"who": f"merchant:{SHOP}", **HERE, "reason": "举报虚假交易"}
    answers = await asyncio.gather(*(api.post("/freezes", OFFICIAL, body) for _ in range(32)))
    assert [one.status_code for one in answers].count(201) == 1
    assert {kind(one) for one in answers if one.status_code != 201} == {(409, "already-frozen")}
    assert (await api.post("/freezes", JUDGE, body)).status_code == 201, "another official's reasons are their own"


async def test_32_screenings_at_once_freeze_once(api: ServiceClient) -> None:
    await earn(api, 12)
    assert sum(await asyncio.gather(*(look(api) for _ in range(32)))) == 1


async def test_what_somebody_was_cleared_of_is_not_held_against_them_again_and_what_comes_after_is(
    api: ServiceClient,
) -> None:
    await earn(api, 12)
    assert await look(api) == 1
    [freeze] = (await api.get("/freezes", RESIDENT)).json()
    cleared = await api.post(f"/freezes/{freeze['id']}/decision", JUDGE, {"lift": True, "remark": "社区环保日"})
    assert cleared.status_code == 200
    assert [await look(api, days_later=days) for days in (0, 2, 20)] == [0, 0, 0]
    admin = await asyncpg.connect(api.database.admin)
    await admin.execute("UPDATE account_freeze SET decided_at = decided_at - interval '1 day'")
    await admin.close()
    assert await look(api, days_later=2) == 1, "done after it was cleared"


async def test_a_suspicion_of_a_clerk_is_seen_and_decided_where_the_clerk_works(api: ServiceClient) -> None:
    now, favourites = datetime.now(UTC), [uuid.uuid4() for _ in range(3)]
    deeds = [
        {"activity": "recycling", "reference": f"friend-{n}", "resident_id": str(favourites[n % 3]), "quantity": 20}
        | {**HERE, "occurred_at": (now - timedelta(hours=n)).isoformat(), "evidence": {}}
        for n in range(21)
    ]
    assert (await api.post("/deeds/batch", DESK, {"deeds": deeds})).json()["registered"] == 21
    assert await look(api) == 1
    [freeze] = (await api.get("/freezes", JUDGE, area="330102")).json()
    assert (freeze["detector"], freeze["who"]) == ("concentrated_granting", DESK.subject)
    elsewhere = identity("staff:far", ("official", "330281"))
    path, verdict = f"/freezes/{freeze['id']}/decision", {"lift": True, "remark": "仅三户参加，核实无误"}
    assert kind(await api.post(path, elsewhere, verdict)) == (404, "freeze-unknown")
    assert (await api.post(path, JUDGE, verdict)).json()["lifted"] is True
