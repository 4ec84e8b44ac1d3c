"""A till takes points by a resident's code, of this or another community, through its client."""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from clients.sdk.linli import Answer, Refused
from clients.till.till import Till
from shared.identity import Identity
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import DONGJIANG, OFFICIAL, QINGBO, agree, award_of, budget_of, open_corridor, take_part

RESIDENT_ID, SHOP, OTHER_SHOP = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
RESIDENT = identity(f"resident:{RESIDENT_ID}", ("resident", QINGBO))
STRANGER = identity(f"resident:{uuid.uuid4()}", ("resident", QINGBO))
TILL = identity("application:till", ("merchant", DONGJIANG))
MERCHANT = identity(f"merchant:{SHOP}", ("merchant", DONGJIANG))
OTHER_MERCHANT = identity(f"merchant:{OTHER_SHOP}", ("merchant", DONGJIANG))
DESK = identity("staff:li", ("desk", QINGBO))
HERE = {"community_code": QINGBO}


@dataclass
class Wire:
    """Carries a till's calls to the service as the gateway would; `lost` answers are done and never arrive."""

    api: ServiceClient
    loop: asyncio.AbstractEventLoop
    who: Identity = TILL
    lost: int = 0
    keys: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Carry one call."""
        call = self._send(method, path.removeprefix("/v1/points"), headers, body)
        answer = asyncio.run_coroutine_threadsafe(call, self.loop).result(30)
        self.keys += [headers[name] for name in ("Idempotency-Key",) if name in headers]
        if self.lost:
            self.lost -= 1
            raise ConnectionResetError
        return answer.status_code, answer.headers, answer.content

    async def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        assert headers["X-BG-HMAC-SIGNATURE"]
        kept = {name: headers[name] for name in ("Idempotency-Key", "Content-Type") if name in headers}
        sent = {**kept, **self.api.headers(self.who)}
        return await self.api.http.request(method, path, headers=sent, content=body)


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """Two communities with a corridor at 10 %, two shops in one, and a resident of the other with 500 points."""
    client = await start_api("points")
    await take_part(client, QINGBO, DONGJIANG, shops={SHOP: DONGJIANG, OTHER_SHOP: DONGJIANG})
    await agree(client, budget_of(1000))
    await agree(client, award_of(500, RESIDENT_ID))
    await open_corridor(client)
    return client


def till_of(api: ServiceClient, who: Identity = TILL, *, lost: int = 0) -> tuple[Till, Wire]:
    wire = Wire(api, asyncio.get_running_loop(), who, lost)
    return Till("https://linli.example", "till", "secret", str(SHOP), wire.send, pause_s=0.01), wire


async def code(api: ServiceClient, who: Identity = RESIDENT) -> str:
    shown: str = (await api.post("/payment-codes", who, {})).json()["code"]
    return shown


async def wallet(api: ServiceClient) -> tuple[int, int]:
    [held] = (await api.get("/accounts/me", RESIDENT)).json()["held"]
    return held["balance"], held["spendable"]


async def refused(call: Any, *given: Any) -> str:  # noqa: ANN401 - any call of the till
    with pytest.raises(Refused) as refusal:
        await asyncio.to_thread(call, *given)
    return refusal.value.kind


@pytest.mark.proves("P34")
async def test_a_till_is_paid_across_communities_authorised_captured_and_refunded_in_parts(api: ServiceClient) -> None:
    till, _ = till_of(api)
    # The catalogue says what share may be paid in points, and only who is on the white list has one.
    noodles = {"item": "noodles", "name": "片儿川", "worth": 100, "share_bp": 4_500}
    assert (await api.post(f"/merchants/{SHOP}/items", MERCHANT, noodles)).status_code == 200
    assert (await api.post(f"/merchants/{uuid.uuid4()}/items", MERCHANT, noodles)).status_code == 404
    [listed] = (await api.get(f"/merchants/{SHOP}/items", RESIDENT)).json()
    assert listed["share_bp"] == 4_500
    shown = await code(api)
    assert await refused(till.authorise, shown, 91, {"noodles": 2}) == "share-exceeded"
    assert await refused(till.authorise, shown, 1, {"tea": 1}) == "item-unknown"
    # In one step, at the corridor's price; held, not taken; the code is good once.
    payment = await asyncio.to_thread(till.authorise, shown, 90, {"noodles": 2})
    assert (payment["price"], payment["paid"], payment["payer_community"]) == (90, 100, QINGBO)
    assert await wallet(api) == (500, 400)
    assert await refused(till.authorise, shown, 1) == "code-used"
    # Less is captured than was held: the rest is free again.
    taken = await asyncio.to_thread(till.capture, payment["id"], 63)
    assert (taken["state"], taken["captured"], await wallet(api)) == ("captured", 63, (430, 430))
    assert await refused(till.void, payment["id"]) == "payment-closed"
    assert await refused(till.refund, payment["id"], 64) == "more-than-paid"
    await asyncio.to_thread(till.refund, payment["id"], 13)
    assert (await wallet(api))[0] == 430 + 14
    whole = await asyncio.to_thread(till.refund, payment["id"], 50)
    assert (whole["refunded"], await wallet(api)) == (63, (500, 500))
    assert (await api.get(f"/redemptions/{taken['redemption_id']}", RESIDENT)).json()["price"] == 63
    # Voided, nothing was taken.
    payment = await asyncio.to_thread(till.authorise, await code(api), 180)
    assert await wallet(api) == (500, 300)
    assert (await asyncio.to_thread(till.void, payment["id"]))["state"] == "voided"
    assert await wallet(api) == (500, 500)
    await _the_merchants_code(api, till)
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True
    [position] = (await api.get(f"/clearing/positions/{QINGBO}", OFFICIAL)).json()
    assert (position["owed"], position["agrees"]) == (9, True)


async def _the_merchants_code(api: ServiceClient, till: Till) -> None:
    sign = (await api.get(f"/merchants/{SHOP}/code", MERCHANT)).json()["code"]
    scanned = {"merchant_code": sign, "points": 9}
    payment = (await api.post("/payments/by-merchant-code", RESIDENT, scanned)).json()
    await asyncio.to_thread(till.capture, payment["id"])
    assert (await asyncio.to_thread(till.read, payment["id"]))["captured"] == 9
    forged = await api.post("/payments/by-merchant-code", RESIDENT, {**scanned, "merchant_code": sign[:-3] + "abc"})
    assert (forged.status_code, forged.json()["type"].rsplit("/", 1)[1]) == (422, "code-invalid")


async def test_a_till_that_gets_no_answer_tries_again_and_is_paid_once(api: ServiceClient) -> None:
    till, wire = till_of(api, lost=2)
    payment = await asyncio.to_thread(till.authorise, await code(api), 90)
    assert (len(wire.keys), len(set(wire.keys)), await wallet(api)) == (3, 1, (500, 400))
    wire.lost = 1
    await asyncio.to_thread(till.capture, payment["id"])
    assert await wallet(api) == (400, 400)
    wire.lost = 9
    with pytest.raises(ConnectionResetError):
        await asyncio.to_thread(till.refund, payment["id"], 90)
    assert await wallet(api) == (500, 500)


async def test_32_tills_with_one_code_and_32_captures_of_one_payment_take_points_once(api: ServiceClient) -> None:
    shown = await code(api)
    body = {"merchant_id": str(SHOP), "code": shown, "points": 9}
    answers = await asyncio.gather(*(api.post("/payments", TILL, body) for _ in range(32)))
    [payment] = [answer.json() for answer in answers if answer.status_code == 201]
    path = f"/payments/{payment['id']}"
    captures = await asyncio.gather(*(api.post(f"{path}/capture", TILL, {}) for _ in range(32)))
    assert [answer.status_code for answer in captures].count(200) == 1
    refunds = await asyncio.gather(*(api.post(f"{path}/refunds", TILL, {"points": 2}) for _ in range(32)))
    assert [answer.status_code for answer in refunds].count(200) == 4
    assert (await api.get(path, TILL)).json()["refunded"] == 8
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True


async def test_what_is_held_counts_for_a_cap_and_a_debarred_merchant_captures_nothing(api: ServiceClient) -> None:
    till, _ = till_of(api)
    await agree(api, {"kind": "cap", "area": "330102", "direction": "spend", "period": "day", "points_max": 150})
    payment = await asyncio.to_thread(till.authorise, await code(api), 90)
    assert await refused(till.authorise, await code(api), 90) == "cap-reached"
    assert await refused(till.authorise, await code(api), 10_000) == "cap-reached"
    admin = await asyncpg.connect(api.database.admin)
    await admin.execute("UPDATE merchant SET debarred_from = $1", datetime.now(UTC) - timedelta(seconds=1))
    assert await refused(till.capture, payment["id"]) == "merchant-debarred"
    assert await refused(till.authorise, await code(api), 1) == "merchant-debarred"
    await admin.close()


async def test_what_waits_to_be_captured_counts_for_a_debit_cap_and_the_rounding_is_given_back_too(
    api: ServiceClient,
) -> None:
    till, _ = till_of(api)
    cap = {"community_code": QINGBO, "counterparty": DONGJIANG, "soft": 100, "hard": 100}
    assert (await api.post("/debit-caps", OFFICIAL, cap)).status_code == 201
    payment = await asyncio.to_thread(till.authorise, await code(api), 100)
    assert (payment["paid"], payment["rate_bp"], payment["discount_bp"]) == (112, 10_000, 1000)  # 100, 11 and 1
    assert await refused(till.authorise, await code(api), 1) == "debit-cap-reached"
    assert (await api.post("/quotes", RESIDENT, {"merchant_id": str(SHOP), "price": 1})).status_code == 409
    await asyncio.to_thread(till.capture, payment["id"])
    for part in (1, 98, 1):
        await asyncio.to_thread(till.refund, payment["id"], part)
    assert await wallet(api) == (500, 500)
    assert (await asyncio.to_thread(till.authorise, await code(api), 100))["state"] == "authorised"
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True


async def test_who_may_ask_take_and_see(api: ServiceClient) -> None:
    elsewhere = identity("application:other", ("merchant", QINGBO))
    body = {"merchant_id": str(SHOP), "code": await code(api), "points": 9}
    for who in (OTHER_MERCHANT, elsewhere, RESIDENT):
        answer = await api.post("/payments", who, body)
        assert answer.status_code == 403, answer.text
    payment = (await api.post("/payments", MERCHANT, body)).json()
    seen = [(await api.get(f"/payments/{payment['id']}", who)).status_code for who in (RESIDENT, DESK, STRANGER)]
    assert seen == [200, 200, 404]
    for step in ("capture", "void", "refunds"):
        taken = await api.post(
            f"/payments/{payment['id']}/{step}", OTHER_MERCHANT, {"points": 1} if step != "void" else None
        )
        assert taken.status_code == 404
    assert (await api.get(f"/merchants/{SHOP}/code", OTHER_MERCHANT)).status_code == 403
    assert (await api.post("/payment-codes", DESK, {})).status_code == 403


async def test_a_refusal_speaks_to_the_one_at_the_till(api: ServiceClient) -> None:
    till, _ = till_of(api)
    with pytest.raises(Refused, match="可用积分") as refusal:
        await asyncio.to_thread(till.authorise, await code(api), 900)
    assert (refusal.value.status, refusal.value.kind) == (409, "not-enough-points")
