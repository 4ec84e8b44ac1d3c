"""What residents may still spend in another community, and why."""

import asyncpg
import pytest

from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import DONGJIANG, QINGBO
from tests.points.exchange.town import SHOP, ZHANG

OFFICIAL = identity("staff:wang", ("official", "330102"))
OTHER_OFFICIAL = identity("staff:zhou", ("official", "330281"))
BIN = identity("application:bins", ("device", "330102"))
RESIDENT = identity(f"resident:{ZHANG}", ("resident", QINGBO))
PAIR = {"from_community": QINGBO, "to_community": DONGJIANG}
AGAINST_PAIR = {"community_code": QINGBO, "counterparty": DONGJIANG, "soft": 60, "hard": 100}


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """Two communities, and a merchant in the second."""
    client = await start_api("points")
    admin = await asyncpg.connect(client.database.admin)
    await admin.executemany("INSERT INTO community VALUES ($1, $1)", [(QINGBO,), (DONGJIANG,)])
    await admin.execute("INSERT INTO merchant VALUES ($1, $2, '东江便利店')", SHOP, DONGJIANG)
    await admin.execute(
        "INSERT INTO earning_rule (community_code, activity, version, asset_class, points, per_quantity,"
        " points_max_per_deed, valid_months, effective_from, published_by)"
        " VALUES ($1, 'volunteering', 1, 'service', 10, 1, 1000, 24, '2020-01-01', 'staff:a')",
        QINGBO,
    )
    await admin.execute(
        "INSERT INTO budget (community_code, year, points) SELECT $1, year, 1000 FROM generate_series(2025, 2035) year",
        QINGBO,
    )
    await admin.close()
    return client


@pytest.mark.proves("P25")
async def test_what_may_still_be_spent_next_door_is_told_with_every_reason(api: ServiceClient) -> None:
    closed = (await api.get("/debit-caps/headroom", RESIDENT, **PAIR)).json()
    assert (closed["may_spend"], closed["rate"]) == (0, None)
    assert "尚未约定" in closed["why"] or "互通" in closed["why"]
    await api.post("/corridors", OFFICIAL, {**PAIR, "discount_bp": 1000})
    await api.post("/corridors/agreements", OTHER_OFFICIAL, {**PAIR, "version": 1})
    free = (await api.get("/debit-caps/headroom", RESIDENT, **PAIR)).json()
    assert (free["may_spend"], free["costs"], free["limits"]) == (None, None, [])
    assert (await api.post("/debit-caps", OTHER_OFFICIAL, AGAINST_PAIR)).status_code == 201
    everyone = {**AGAINST_PAIR, "counterparty": "all", "hard": 5000}
    assert (await api.post("/debit-caps", OFFICIAL, everyone)).status_code == 201
    await earn(api)
    spent, open_quote = [(await api.post("/quotes", RESIDENT, wish(price))).json() for price in (45, 18)]
    assert (await api.post("/redemptions", RESIDENT, {"quote_id": spent["id"]})).status_code == 201
    told = (await api.get("/debit-caps/headroom", RESIDENT, **PAIR)).json()
    assert (told["may_spend"], told["costs"]) == (100 - 45 - 18, 42)
    assert told["rate"] == {"version": 1, "rate_bp": 10_000, "discount_bp": 1000, "owed": 45}
    counted = {"soft": 60, "owed": 45, "quoted": 18}
    assert told["limits"] == [
        {**counted, "counterparty": DONGJIANG, "hard": 100, "left": 37, "binding": True},
        {**counted, "counterparty": "all", "hard": 5000, "left": 4937, "binding": False},
    ]
    assert all(figure in told["why_en"] for figure in ("100", "45", "18", "37", DONGJIANG))
    refused = await api.post("/quotes", RESIDENT, wish(38))
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (409, "debit-cap-reached")
    assert refused.json()["left"] == told["may_spend"]
    assert (await api.post(f"/quotes/{open_quote['id']}/release", RESIDENT)).status_code == 200
    assert (await api.get("/debit-caps/headroom", RESIDENT, **PAIR)).json()["may_spend"] == 55
    assert (await api.post("/quotes", RESIDENT, wish(55))).status_code == 201


async def earn(api: ServiceClient) -> None:
    deed = {
        "community_code": QINGBO,
        "activity": "volunteering",
        "reference": "deed-1",
        "resident_id": str(ZHANG),
        "quantity": 20,
        "occurred_at": "2026-01-01T00:00:00+08:00",
        "evidence": {},
    }
    assert (await api.post("/deeds", BIN, deed)).status_code == 201


def wish(price: int) -> dict[str, object]:
    return {"merchant_id": str(SHOP), "price": price}


async def test_a_cap_is_set_by_who_is_owed_and_that_for_all_by_an_official_of_the_area(api: ServiceClient) -> None:
    assert (await api.post("/debit-caps", OFFICIAL, AGAINST_PAIR)).status_code == 403
    assert (await api.post("/debit-caps", OTHER_OFFICIAL, {**AGAINST_PAIR, "counterparty": "all"})).status_code == 403
    assert (await api.post("/debit-caps", OTHER_OFFICIAL, {**AGAINST_PAIR, "soft": 101})).status_code == 422
    assert (await api.post("/debit-caps", OTHER_OFFICIAL, AGAINST_PAIR)).status_code == 201
    listed = await api.get("/debit-caps", OFFICIAL, community_code=QINGBO)
    assert listed.json() == [{"counterparty": DONGJIANG, "soft": 60, "hard": 100}]
    assert (await api.get("/debit-caps", RESIDENT, community_code=QINGBO)).status_code == 403


async def test_there_is_no_headroom_within_a_community_or_with_a_stranger(api: ServiceClient) -> None:
    for other, status in ((QINGBO, 422), ("330102001999", 404)):
        answer = await api.get("/debit-caps/headroom", RESIDENT, from_community=QINGBO, to_community=other)
        assert answer.status_code == status
