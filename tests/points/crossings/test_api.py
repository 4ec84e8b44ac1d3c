"""A resident asks for a crossing, and sees how far it has come."""

import uuid

import asyncpg
import pytest

from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import DONGJIANG, QINGBO
from tests.points.exchange.town import SHOP, ZHANG

RESIDENT = identity(f"resident:{ZHANG}", ("resident", QINGBO))
BODY = {"to_community": DONGJIANG, "merchant_id": str(SHOP), "price": 90, "paid_max": 100}


@pytest.fixture
async def api(start_api: StartApi, monkeypatch: pytest.MonkeyPatch) -> ServiceClient:
    """The cell of 上城区, with a corridor to a community of 余姚市 and a resident with 200 points."""
    monkeypatch.setenv("LINLI_CELL", "330102")
    client = await start_api("points")
    admin = await asyncpg.connect(client.database.admin)
    await admin.execute(
        "INSERT INTO corridor (community_code, to_community, version, discount_bp, proposed_by, agreed_by, agreed_at,"
        " effective_from) VALUES ($1, $2, 1, 1000, 'a', 'b', '2026-01-01', '2026-01-01')",
        QINGBO,
        DONGJIANG,
    )
    await admin.execute("INSERT INTO community VALUES ($1, $1)", QINGBO)
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
    deed = {"community_code": QINGBO, "activity": "volunteering", "reference": "1", "resident_id": str(ZHANG)}
    deed |= {"quantity": 20, "occurred_at": "2026-01-01T00:00:00+08:00", "evidence": {}}  # type: ignore[dict-item]
    earned = await client.post("/deeds", identity("application:bins", ("device", "330102")), deed)
    assert earned.status_code == 201
    return client


async def test_a_resident_asks_for_a_crossing_and_sees_it_while_strangers_do_not(api: ServiceClient) -> None:
    answer = await api.post("/crossings", RESIDENT, BODY)
    assert (answer.status_code, answer.json()["state"], answer.json()["paid"]) == (202, "requested", 100)
    path = f"/crossings/{answer.json()['id']}"
    assert (await api.get(path, RESIDENT)).json() == answer.json()
    assert (await api.get(path, identity("staff:li", ("desk", QINGBO)))).status_code == 200
    stranger = identity(f"resident:{uuid.uuid4()}", ("resident", QINGBO))
    assert (await api.get(path, stranger)).status_code == 404
    account = (await api.get("/accounts/me", RESIDENT)).json()
    assert [(held["balance"], held["spendable"]) for held in account["held"]] == [(200, 100)]


@pytest.mark.parametrize(("change", "status"), [({"paid_max": 99}, 409), ({"to_community": QINGBO}, 422)])
async def test_what_costs_more_or_stays_in_the_cell_is_refused(
    api: ServiceClient, change: dict[str, object], status: int
) -> None:
    assert (await api.post("/crossings", RESIDENT, {**BODY, **change})).status_code == status
