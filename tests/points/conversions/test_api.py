"""Hours become points by a rule of two persons, and points never become hours."""

import asyncio
import uuid
from collections import Counter
from typing import Any

import asyncpg
import pytest

from shared.database import Database
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import EXPIRES, QINGBO, allow, broken, grant
from tests.points.book import agree as propose_and_accept
from tests.shape.apps import app_of

RESIDENT_ID = uuid.uuid4()
RESIDENT = identity(f"resident:{RESIDENT_ID}", ("resident", QINGBO))
OFFICIAL = identity("staff:wang", ("official", "330102"))
SECOND = identity("staff:lu", ("official", "330102"))
ELSEWHERE = identity("staff:zhou", ("official", "330281"))
RULE = {"community_code": QINGBO, "per_quarters": 4, "points": 10, "quarters_max_per_month": 40}


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """The service over a community, and a resident with 15 hours."""
    client = await start_api("points")
    admin = await asyncpg.connect(client.database.admin)
    await admin.execute("INSERT INTO community VALUES ($1, '清波门社区')", QINGBO)
    await admin.close()
    database = Database(client.database.app, name="test")
    async with database.transaction() as session:
        await grant(session, RESIDENT_ID, 60, asset_class="hours")
        await allow(session, points=100)
    await database.close()
    return client


def kind(answer: Any) -> tuple[int, str]:  # noqa: ANN401 - a response
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


async def agree(api: ServiceClient, version: int = 1) -> None:
    assert (await api.post("/hours/conversion-rules", OFFICIAL, RULE)).status_code == 201
    agreed = await api.post(
        "/hours/conversion-rules/agreements", SECOND, {"community_code": QINGBO, "version": version}
    )
    assert agreed.status_code == 201, agreed.text


async def convert(api: ServiceClient, quarters: int) -> Any:  # noqa: ANN401 - a response
    return await api.post("/hours/conversions", RESIDENT, {"community_code": QINGBO, "quarters": quarters})


async def held(api: ServiceClient) -> dict[str, int]:
    account = (await api.get("/accounts/me", RESIDENT)).json()
    return {each["asset_class"]: each["balance"] for each in account["held"]}


@pytest.mark.proves("P38")
async def test_hours_become_points_by_the_rule_of_two_persons_and_no_other_way(api: ServiceClient) -> None:
    assert kind(await convert(api, 8)) == (409, "no-conversion")
    assert (await api.post("/hours/conversion-rules", OFFICIAL, RULE)).json()["agreed_at"] is None
    assert kind(await convert(api, 8)) == (409, "no-conversion")
    first = {"community_code": QINGBO, "version": 1}
    own = await api.post("/hours/conversion-rules/agreements", OFFICIAL, first)
    assert kind(own) == (403, "own-conversion-rule")
    assert (await api.post("/hours/conversion-rules/agreements", SECOND, first)).status_code == 201
    done = await convert(api, 8)
    assert (done.status_code, done.json()["points"], done.json()["rule_version"]) == (201, 20, 1)
    account = (await api.get("/accounts/me", RESIDENT)).json()["held"]
    assert await held(api) == {"hours": 52, "service": 20}
    [lot] = [lot for each in account if each["asset_class"] == "service" for lot in each["lots"]]
    assert lot["expires_on"] <= EXPIRES.isoformat()
    assert kind(await convert(api, 3)) == (422, "uneven-hours")
    assert kind(await convert(api, 36)) == (409, "conversion-cap-reached")
    assert (await convert(api, 32)).json()["points"] == 80
    assert await held(api) == {"hours": 20, "service": 100}
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        assert await broken(session) == []
    await database.close()


@pytest.mark.proves("P38")
def test_nothing_in_the_description_turns_points_into_hours() -> None:
    description = app_of("points").openapi()
    writes = {path for path, verbs in description["paths"].items() if "post" in verbs and path.startswith("/hours")}
    assert writes == {"/hours/conversion-rules", "/hours/conversion-rules/agreements", "/hours/conversions"}
    asked = description["components"]["schemas"]["ConversionRequest"]["properties"]
    assert set(asked) == {"community_code", "quarters"}  # a resident says how many hours, and never how many points


@pytest.mark.proves("P38")
async def test_the_store_takes_no_conversion_of_points_into_hours(api: ServiceClient) -> None:
    app = await asyncpg.connect(api.database.app)
    insert = """
        INSERT INTO conversion (community_code, resident_id, month, rule_version, quarters, points, converted_at)
        VALUES ('330102001051', $1, '2026-06-01', 1, $2, $3, now())"""
    for quarters, points in ((-4, 10), (4, -10), (-4, -10), (0, 10)):
        with pytest.raises(asyncpg.CheckViolationError, match="hours_become_points"):
            await app.execute(insert, RESIDENT_ID, quarters, points)
    await app.close()


async def test_refusals(api: ServiceClient) -> None:
    assert (await api.post("/hours/conversion-rules", ELSEWHERE, RULE)).status_code == 403
    assert (await api.post("/hours/conversion-rules", RESIDENT, RULE)).status_code == 403
    agreement = {"community_code": QINGBO, "version": 1}
    assert kind(await api.post("/hours/conversion-rules/agreements", SECOND, agreement)) == (
        404,
        "conversion-rule-unseen",
    )
    beyond = await api.post("/hours/conversion-rules/agreements", SECOND, {**agreement, "version": 2**63})
    assert kind(beyond) == (422, "malformed-request")
    await agree(api)
    assert kind(await api.post("/hours/conversion-rules/agreements", SECOND, agreement))[0] == 404
    nobody = identity(f"resident:{uuid.uuid4()}", ("resident", QINGBO))
    answer = await api.post("/hours/conversions", nobody, {"community_code": QINGBO, "quarters": 4})
    assert kind(answer) == (409, "not-enough-points")


async def test_hours_become_points_out_of_the_budget_and_within_the_residents_caps(api: ServiceClient) -> None:
    await agree(api)
    cap = {"kind": "cap", "area": "330102", "direction": "earn", "period": "week", "points_max": 90}
    await propose_and_accept(api, cap)
    assert (await convert(api, 32)).json()["points"] == 80
    assert kind(await convert(api, 8)) == (409, "cap-reached")
    await propose_and_accept(api, {**cap, "points_max": None})
    admin = await asyncpg.connect(api.database.admin)
    assert await admin.fetchval("SELECT issued FROM budget WHERE issued > 0") == 80
    await admin.execute("UPDATE budget SET points = 80")
    assert kind(await convert(api, 4)) == (409, "over-budget")
    await admin.close()
    assert await held(api) == {"hours": 28, "service": 80}


async def test_of_32_conversions_at_once_no_more_than_the_months_cap(api: ServiceClient) -> None:
    await agree(api)
    answers = await asyncio.gather(*(convert(api, 4) for _ in range(32)))
    assert Counter(answer.status_code for answer in answers) == {201: 10, 409: 22}
    assert await held(api) == {"hours": 20, "service": 100}
