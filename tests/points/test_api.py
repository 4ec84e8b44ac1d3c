"""The points service as the gateway calls it."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest

from shared.clock import CHINA
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import DONGJIANG, QINGBO, agree

RESIDENT_ID, SHOP = uuid.uuid4(), uuid.uuid4()
RESIDENT = identity(f"resident:{RESIDENT_ID}", ("resident", QINGBO))
BIN = identity("application:bins", ("device", "330102"))
OFFICIAL = identity("staff:wang", ("official", "330102"))
OTHER_OFFICIAL = identity("staff:zhou", ("official", "330281"))
DESK = identity("staff:li", ("desk", QINGBO))


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """The service over two communities and a merchant, with a rule for each class and an agreed corridor."""
    client = await start_api("points")
    admin = await asyncpg.connect(client.database.admin)
    communities = [(QINGBO, "清波门社区"), (DONGJIANG, "东江社区")]
    await admin.executemany("INSERT INTO community VALUES ($1, $2)", communities)
    await admin.execute("INSERT INTO merchant VALUES ($1, $2, $3)", SHOP, DONGJIANG, "东江便利店")
    await admin.close()
    for activity, asset_class in (("volunteering", "service"), ("waste_sorting", "basic")):
        await agree(client, rule(activity, asset_class))
    await agree(client, {"kind": "budget", "community_code": QINGBO, "year": datetime.now(CHINA).year, "points": 10**6})
    proposal = {"from_community": QINGBO, "to_community": DONGJIANG}
    assert (await client.post("/corridors", OFFICIAL, {**proposal, "discount_bp": 1000})).status_code == 201
    agreed = await client.post("/corridors/agreements", OTHER_OFFICIAL, {**proposal, "version": 1})
    assert agreed.status_code == 200
    return client


def rule(activity: str, asset_class: str) -> dict[str, object]:
    return {
        "kind": "rule",
        "community_code": QINGBO,
        "activity": activity,
        "asset_class": asset_class,
        "points": 10,
        "per_quantity": 1,
        "points_max_per_deed": 1000,
        "effective_from": "2026-01-01T00:00:00+08:00",
    }


def deed(quantity: int, *, activity: str = "volunteering") -> dict[str, object]:
    return {
        "community_code": QINGBO,
        "activity": activity,
        "reference": uuid.uuid4().hex,
        "resident_id": str(RESIDENT_ID),
        "quantity": quantity,
        "occurred_at": datetime.now(UTC).isoformat(),
        "evidence": {"bin": "B-7"},
    }


async def quote(api: ServiceClient, price: int) -> str:
    answer = await api.post("/quotes", RESIDENT, {"merchant_id": str(SHOP), "price": price})
    assert answer.status_code == 201, answer.text
    quote_id: str = answer.json()["id"]
    return quote_id


def kind(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    name: str = answer.json()["type"].rsplit("/", 1)[1]
    return name


async def test_a_resident_earns_and_spends_in_another_community(api: ServiceClient) -> None:
    assert (await api.post("/deeds", BIN, deed(20))).json()["points"] == 200
    paid = await api.post("/redemptions", RESIDENT, {"quote_id": await quote(api, 90)})
    assert paid.status_code == 201
    legs = {leg["community_code"]: {e["account"]: e["amount"] for e in leg["entries"]} for leg in paid.json()["legs"]}
    assert legs == {
        QINGBO: {"resident": -100, "clearing": 90, "discount": 10},
        DONGJIANG: {"clearing": -90, "merchant": 90},
    }
    account = (await api.get("/accounts/me", RESIDENT)).json()
    assert [(held["balance"], held["spendable"]) for held in account["held"]] == [(100, 100)]
    [position] = (await api.get(f"/clearing/positions/{QINGBO}", OFFICIAL)).json()
    assert position == {"counterparty": DONGJIANG, "owed": 90, "mirrored": -90, "agrees": True}
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True
    shown = await api.get(f"/redemptions/{paid.json()['id']}", RESIDENT)
    assert shown.json()["paid"] == 100


async def test_basic_points_are_seen_and_never_spendable(api: ServiceClient) -> None:
    await api.post("/deeds", BIN, deed(20, activity="waste_sorting"))
    account = (await api.get("/accounts/me", RESIDENT)).json()
    assert [(held["balance"], held["spendable"]) for held in account["held"]] == [(200, 0)]
    refused = await api.post("/quotes", RESIDENT, {"merchant_id": str(SHOP), "price": 90})
    assert (refused.status_code, kind(refused)) == (409, "not-enough-points")
    await api.post("/deeds", BIN, deed(20))
    body = {"quote_id": await quote(api, 90), "asset_class": "basic"}
    refused = await api.post("/redemptions", RESIDENT, body)
    assert (refused.status_code, kind(refused)) == (422, "basic-points-not-spendable")


async def test_one_key_a_hundred_times_at_once_has_one_effect_and_equal_answers(api: ServiceClient) -> None:
    await api.post("/deeds", BIN, deed(20))
    body = {"quote_id": await quote(api, 90)}
    answers = await asyncio.gather(
        *(api.post("/redemptions", RESIDENT, body, key="one-key-for-all") for _ in range(100))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 99
    account = (await api.get("/accounts/me", RESIDENT)).json()
    assert account["held"][0]["balance"] == 100


async def test_a_refusal_is_remembered_and_another_content_under_its_key_is_a_conflict(api: ServiceClient) -> None:
    body = {"merchant_id": str(SHOP), "price": 90}
    first = await api.post("/quotes", RESIDENT, body, key="too-poor-to-pay")
    await api.post("/deeds", BIN, deed(20))
    again = await api.post("/quotes", RESIDENT, body, key="too-poor-to-pay")
    assert (first.status_code, first.content) == (409, again.content)
    admin = await asyncpg.connect(api.database.admin)
    on_record = await admin.fetch("SELECT community_code, kind, reason FROM refusal ORDER BY 1")
    assert [tuple(row) for row in on_record] == [(QINGBO, "hold", "not-enough-points")]
    await admin.close()
    other = await api.post("/quotes", RESIDENT, {**body, "price": 91}, key="too-poor-to-pay")
    assert (other.status_code, kind(other)) == (409, "idempotency-key-reused")


async def test_a_write_without_a_key_is_refused(api: ServiceClient) -> None:
    headers = api.headers(BIN)
    answer = await api.http.post("/deeds", json=deed(1), headers=headers)
    assert (answer.status_code, kind(answer)) == (422, "malformed-request")


@pytest.mark.parametrize("token", [None, "not-a-token"])
async def test_without_the_gateways_identity_nothing_is_answered(api: ServiceClient, token: str | None) -> None:
    headers = {"linli-identity": token} if token else {}
    answer = await api.http.get("/accounts/me", headers=headers)
    assert (answer.status_code, kind(answer)) == (401, "unidentified")


async def test_an_identity_for_another_service_is_refused(api: ServiceClient) -> None:
    headers = {"linli-identity": api.signer.sign(RESIDENT, "scenarios", now=datetime.now(UTC).timestamp())}
    assert (await api.http.get("/accounts/me", headers=headers)).status_code == 401


async def test_an_identity_that_has_expired_is_refused(api: ServiceClient) -> None:
    headers = {"linli-identity": api.signer.sign(RESIDENT, "points", now=datetime.now(UTC).timestamp() - 61)}
    assert (await api.http.get("/accounts/me", headers=headers)).status_code == 401


async def test_authority_ends_at_the_prefix(api: ServiceClient) -> None:
    for path, who, body in (
        ("/proposals", OTHER_OFFICIAL, rule("volunteering", "service")),
        ("/deeds", identity("application:x", ("device", "330281")), deed(1)),
        ("/corridors", DESK, {"from_community": QINGBO, "to_community": DONGJIANG, "discount_bp": 0}),
        ("/quotes", DESK, {"merchant_id": str(SHOP), "price": 1}),
    ):
        answer = await api.post(path, who, body)
        assert (answer.status_code, kind(answer)) == (403, "out-of-scope"), path
    assert (await api.get(f"/clearing/positions/{QINGBO}", OTHER_OFFICIAL)).status_code == 403
    assert (await api.get("/integrity", RESIDENT)).status_code == 403


async def test_staff_see_a_residents_points_in_their_own_communities_alone(api: ServiceClient) -> None:
    await api.post("/deeds", BIN, deed(20))
    path = f"/residents/{RESIDENT_ID}/account"
    assert len((await api.get(path, DESK)).json()["held"]) == 1
    assert (await api.get(path, OTHER_OFFICIAL)).json()["held"] == []
    assert (await api.get(path, identity(f"resident:{uuid.uuid4()}", ("resident", QINGBO)))).json()["held"] == []


async def test_a_redemption_is_unseen_by_strangers(api: ServiceClient) -> None:
    await api.post("/deeds", BIN, deed(20))
    paid = (await api.post("/redemptions", RESIDENT, {"quote_id": await quote(api, 90)})).json()
    path = f"/redemptions/{paid['id']}"
    stranger = identity(f"resident:{uuid.uuid4()}", ("resident", QINGBO))
    assert kind(await api.get(path, stranger)) == "redemption-unknown"
    assert (await api.get(path, identity(f"merchant:{SHOP}", ("merchant", DONGJIANG)))).status_code == 200


async def test_a_merchant_tells_whether_it_takes_points(api: ServiceClient) -> None:
    assert (await api.get(f"/merchants/{SHOP}", RESIDENT)).json()["takes_points"] is True
    assert kind(await api.get(f"/merchants/{uuid.uuid4()}", RESIDENT)) == "merchant-unknown"


async def test_what_is_asked_in_the_wrong_shape_is_told_where(api: ServiceClient) -> None:
    answer = await api.post("/quotes", RESIDENT, {"merchant_id": "13957100000", "price": 0, "extra": 1})
    assert (answer.status_code, kind(answer)) == (422, "malformed-request")
    assert {error["at"] for error in answer.json()["errors"]} == {"/body/merchant_id", "/body/price", "/body/extra"}
    assert "13957100000" not in answer.text


async def account_of_all(api: ServiceClient) -> int:
    account = (await api.get("/accounts/me", RESIDENT)).json()
    return sum(held["balance"] for held in account["held"])


@pytest.mark.proves("P10")
async def test_of_1000_deeds_each_is_answered_in_its_place_and_a_bad_one_stops_no_other(api: ServiceClient) -> None:
    good = [deed(1) for _ in range(995)]
    malformed, elsewhere, unruled = {**deed(0), "when": 1}, {**deed(1), "community_code": DONGJIANG}, deed(1)
    unruled["activity"] = "juggling"
    deeds = [malformed, *good, elsewhere, unruled, good[0], "a deed"]
    answer = await api.post("/deeds/batch", BIN, {"deeds": deeds})
    assert answer.status_code == 200, answer.text
    answers = answer.json()["answers"]
    assert [one["deed"]["reference"] for one in answers if one["deed"]] == [one["reference"] for one in good]
    problems = {place: one["problem"]["type"].rsplit("/", 1)[1] for place, one in enumerate(answers) if one["problem"]}
    assert problems == {
        0: "malformed-deed",
        996: "out-of-scope",
        997: "no-earning-rule",
        998: "already-posted",
        999: "malformed-deed",
    }
    assert [error["at"] for error in answers[0]["problem"]["errors"]] == ["/quantity", "/when"]
    assert answer.json()["registered"] == 995
    assert await account_of_all(api) == 9950
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True
    refused = await api.post("/deeds/batch", BIN, {"deeds": [*(deed(1) for _ in range(9)), good[0]], "atomic": True})
    assert (refused.status_code, kind(refused)) == (409, "batch-refused")
    assert refused.json()["refused"] == {"9": "already-posted"}
    assert await account_of_all(api) == 9950
    together = await api.post("/deeds/batch", BIN, {"deeds": [deed(1) for _ in range(1000)], "atomic": True})
    assert together.json()["registered"] == 1000
    assert await account_of_all(api) == 19_950


@pytest.mark.parametrize("atomic", [True, False])
async def test_a_batch_is_registered_once_under_its_key(api: ServiceClient, *, atomic: bool) -> None:
    body = {"deeds": [deed(1), deed(1)], "atomic": atomic}
    answers = [await api.post("/deeds/batch", BIN, body, key="one-key-for-both") for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert await account_of_all(api) == 20


async def test_of_32_batches_at_once_those_that_are_atomic_share_nothing_with_others(api: ServiceClient) -> None:
    known = deed(1)
    await api.post("/deeds", BIN, known)
    bodies = [{"deeds": [deed(1), deed(1), *([known] if n % 4 < 2 else [])], "atomic": n % 2 == 0} for n in range(32)]
    answers = await asyncio.gather(*(api.post("/deeds/batch", BIN, body) for body in bodies))
    refused = [answer.json()["refused"] for answer in answers if answer.status_code == 409]
    assert refused == 8 * [{"2": "already-posted"}]
    assert sum(answer.json()["registered"] for answer in answers if answer.status_code == 200) == 24 * 2
    assert await account_of_all(api) == 10 + 24 * 20


async def test_terms_of_a_corridor_are_proposed_and_shown_with_the_time_from_which_they_hold(
    api: ServiceClient,
) -> None:
    pair = {"from_community": QINGBO, "to_community": DONGJIANG}
    moving = {"rate_bp": 9000, "discount_bp": 1000, "floor_bp": 500, "ceiling_bp": 3000, "full_at": 1000}
    refused = await api.post("/corridors", OFFICIAL, {**pair, **moving, "floor_bp": 1001})
    assert (refused.status_code, kind(refused)) == (422, "terms-out-of-order")
    soon = {**pair, **moving, "effective_from": datetime.now(UTC).isoformat()}
    version = (await api.post("/corridors", OFFICIAL, soon)).json()["version"]
    refused = await api.post("/corridors/agreements", OTHER_OFFICIAL, {**pair, "version": version})
    assert (refused.status_code, kind(refused)) == (409, "notice-too-short")
    version = (await api.post("/corridors", OFFICIAL, {**pair, **moving})).json()["version"]
    agreed = (await api.post("/corridors/agreements", OTHER_OFFICIAL, {**pair, "version": version})).json()
    agreed_at, effective_from = (datetime.fromisoformat(agreed[name]) for name in ("agreed_at", "effective_from"))
    assert effective_from - agreed_at == timedelta(days=1)
    listed = (await api.get("/corridors", RESIDENT, from_community=QINGBO)).json()
    assert [(each["version"], each["rate_bp"], each["ceiling_bp"]) for each in listed[::2]] == [
        (version, 9000, 3000),
        (1, 10_000, None),
    ]


async def test_a_resident_gives_a_quote_up_and_has_its_points_free_again(api: ServiceClient) -> None:
    await api.post("/deeds", BIN, deed(10))
    quote_id = await quote(api, 90)
    refused = await api.post("/quotes", RESIDENT, {"merchant_id": str(SHOP), "price": 90})
    assert (refused.status_code, kind(refused)) == (409, "not-enough-points")
    assert (await api.post(f"/quotes/{quote_id}/release", RESIDENT)).status_code == 200
    refused = await api.post(f"/quotes/{quote_id}/release", RESIDENT)
    assert (refused.status_code, kind(refused)) == (409, "quote-spent")
    assert await quote(api, 90)


async def test_an_edit_of_what_no_path_can_name_is_malformed(api: ServiceClient) -> None:
    item = {"item": "rice", "name": "大米", "worth": 10, "share_bp": 5000}
    refused = await api.post("/merchants/a%00b/items", OFFICIAL, item)
    assert (refused.status_code, kind(refused)) == (422, "malformed-request")
