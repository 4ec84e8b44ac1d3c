"""From paper to the merchant's statement, with a till that had no network in between."""

import asyncio
import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from clients.sdk.linli import Answer
from clients.till.offline import OfflineTill, VoucherRefused
from clients.till.till import Till
from shared.database import Database
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import DONGJIANG, OFFICIAL, QINGBO, freeze, grant
from tests.points.payments.test_api import Wire

HOLDER, SHOP, OTHER_SHOP = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
RESIDENT = identity(f"resident:{HOLDER}", ("resident", QINGBO))
STRANGER = identity(f"resident:{uuid.uuid4()}", ("resident", QINGBO))
DESK = identity("staff:li", ("desk", QINGBO))
FAR_DESK = identity("staff:he", ("desk", DONGJIANG))
TILL = identity("application:till", ("merchant", QINGBO))
MERCHANT, OTHER_MERCHANT = [identity(f"merchant:{shop}", ("merchant", QINGBO)) for shop in (SHOP, OTHER_SHOP)]
CONSENT = {"form": "spoken", "reference": "2026-3"}


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """A community with two shops, and a resident with 500 points."""
    client = await start_api("points")
    admin = await asyncpg.connect(client.database.admin)
    await admin.execute("INSERT INTO community VALUES ($1, '清波门社区')", QINGBO)
    row = "INSERT INTO merchant (merchant_id, community_code, name) VALUES ($1, $2, '便利店')"
    await admin.executemany(row, [(SHOP, QINGBO), (OTHER_SHOP, QINGBO)])
    await admin.close()
    database = Database(client.database.app, name="test")
    async with database.transaction() as session:
        await grant(session, HOLDER, 500)
    await database.close()
    return client


async def issued(api: ServiceClient, points: int = 20) -> dict[str, Any]:
    answer = await api.post("/vouchers", RESIDENT, {"points": points, "days": 10})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def token_of(api: ServiceClient, voucher: dict[str, Any]) -> str:
    """Read the code that stands on the paper."""
    paper = await api.get(f"/vouchers/{voucher['id']}/paper", RESIDENT)
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    owner = await asyncpg.connect(api.database.owner)
    text: str = await owner.fetchval("SELECT token FROM voucher WHERE voucher_id = $1", uuid.UUID(voucher["id"]))
    await owner.close()
    return text


async def offline(api: ServiceClient, folder: Path, shop: uuid.UUID = SHOP) -> OfflineTill:
    wire = Wire(api, asyncio.get_running_loop(), TILL)
    till = Till("https://linli.example", "till", "secret", str(shop), wire.send, pause_s=0.01)
    key = await asyncio.to_thread(till.voucher_key)
    return OfflineTill(till, QINGBO, key, folder / f"{shop}.jsonl")


def refused(till: OfflineTill, code: str, now: datetime | None = None) -> str:
    with pytest.raises(VoucherRefused) as refusal:
        till.take(code, now)
    return refusal.value.kind


async def wallet(api: ServiceClient) -> tuple[int, int]:
    [held] = (await api.get("/accounts/me", RESIDENT)).json()["held"]
    return held["balance"], held["spendable"]


@pytest.mark.proves("P40")
async def test_numbered_signed_vouchers_are_taken_without_a_network_posted_later_and_conflicts_decided_by_rule(
    api: ServiceClient, tmp_path: Path
) -> None:
    vouchers = [await issued(api) for _ in range(6)]
    by_desk = {"kind": "voucher", "points": 20, "days": 10}
    acted = {"resident_id": str(HOLDER), "community_code": QINGBO, "channel": "visit", "consent": CONSENT}
    assert (await api.post("/assisted-acts", DESK, {**acted, "asked": by_desk})).status_code == 201
    assert [one["number"] for one in vouchers] == [1, 2, 3, 4, 5, 6]
    assert await wallet(api) == (500, 500 - 7 * 20), "what is on paper is reserved"
    good, twice, lost, frozen, stale, unposted = [await token_of(api, one) for one in vouchers]
    near, far = await offline(api, tmp_path), await offline(api, tmp_path, OTHER_SHOP)
    # Without a network: the signature, the time and the till's own journal decide.
    at = datetime.now(UTC)
    taken = near.take(good)
    assert (taken.number, taken.points) == (1, 20)
    assert refused(near, good) == "used"
    for till in (near, far):
        till.take(twice)
    near.take(frozen)
    _forgeries(near, stale)
    # The paper is lost, and taken by somebody after it was reported.
    assert (await api.post(f"/vouchers/{vouchers[2]['id']}/revocation", DESK)).status_code == 201
    near.take(lost)
    # Later there is a network.
    decided = {one["presentation_id"]: one for one in await asyncio.to_thread(near.post)}
    assert sorted(one["reason"] or one["state"] for one in decided.values()) == ["paid"] * 4 + ["revoked"]
    assert [one["reason"] for one in await asyncio.to_thread(far.post)] == ["used"]
    assert (near.waiting(), far.waiting()) == ([], [])
    assert await wallet(api) == (500 - 4 * 20, 500 - 7 * 20)
    # Each keeps the time when it was taken, in the redemption too.
    listed = (await api.get(f"/merchants/{SHOP}/voucher-presentations", MERCHANT)).json()
    assert {one["presentation_id"] for one in listed} == set(decided)
    paid = (await api.get("/vouchers", RESIDENT)).json()
    first = next(one for one in paid if one["number"] == 1)
    bought = (await api.get(f"/redemptions/{first['redemption_id']}", MERCHANT)).json()
    assert at <= datetime.fromisoformat(bought["captured_at"]) <= at + timedelta(minutes=5)
    near.take(unposted)
    await _frozen_meanwhile(api, near)
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True


async def _frozen_meanwhile(api: ServiceClient, till: OfflineTill) -> None:
    """What waits is lost neither by the till, which keeps it in its journal, nor by the platform."""
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        await freeze(session, f"resident:{HOLDER}")
    await database.close()
    [waits] = await asyncio.to_thread(till.post)
    assert ((waits["state"], waits["reason"]), len(till.waiting())) == (("waiting", "frozen"), 1)


def _forgeries(till: OfflineTill, code: str) -> None:
    head, body, signature = code.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    more = base64.urlsafe_b64encode(json.dumps({**claims, "pts": 2000}).encode()).rstrip(b"=").decode()
    assert refused(till, f"{head}.{more}.{signature}") == "not-ours"
    assert refused(till, f"{head}.{body}.AAAA") == "not-ours"
    assert refused(till, "linli:booking:1") == "not-ours"
    ends = datetime.fromtimestamp(claims["exp"], UTC)
    assert refused(till, code, ends) == "expired"
    assert refused(till, code, ends - timedelta(days=40)) == "clock"
    elsewhere = OfflineTill(till.till, DONGJIANG, till.key, till.journal)
    assert refused(elsewhere, code) == "elsewhere"
    with till.journal.open("ab") as journal:
        journal.write(b'{"voucher_id": "broken off by a power c\n')
        journal.write(b'{"voucher_id": "broken off by its last byte", "report": {"token": ""}')
    assert till.take(code).number == 5
    assert refused(till, code) == "used"


async def test_a_till_whose_answer_is_lost_posts_again_and_nothing_is_paid_twice(
    api: ServiceClient, tmp_path: Path
) -> None:
    code = await token_of(api, await issued(api))
    till = await offline(api, tmp_path)
    till.take(code)
    cut = Till("https://linli.example", "till", "secret", str(SHOP), _no_network, pause_s=0)
    dead = OfflineTill(cut, QINGBO, till.key, till.journal)
    with pytest.raises(ConnectionError):
        await asyncio.to_thread(dead.post)
    report = till.waiting()[0]
    await api.post("/voucher-presentations", TILL, {"merchant_id": str(SHOP), "reports": [report]})
    [decided] = await asyncio.to_thread(till.post)
    assert (decided["state"], await wallet(api)) == ("paid", (480, 480))


def _no_network(*_: object) -> Answer:
    raise ConnectionError


async def test_strangers_see_and_change_nothing(api: ServiceClient) -> None:
    voucher = await issued(api)
    for who in (STRANGER, FAR_DESK):
        assert (await api.get(f"/vouchers/{voucher['id']}/paper", who)).status_code == 404
        assert (await api.post(f"/vouchers/{voucher['id']}/revocation", who)).status_code == 404
    assert (await api.get("/vouchers", FAR_DESK, community_code=QINGBO)).status_code == 403
    assert len((await api.get("/vouchers", DESK, community_code=QINGBO)).json()) == 1
    report = {"presentation_id": str(uuid.uuid4()), "token": await token_of(api, voucher)}
    told = {"merchant_id": str(SHOP), "reports": [{**report, "presented_at": datetime.now(UTC).isoformat()}]}
    assert (await api.post("/voucher-presentations", OTHER_MERCHANT, told)).status_code == 403
    nobody = {**told, "merchant_id": str(uuid.uuid4())}
    assert (await api.post("/voucher-presentations", TILL, nobody)).status_code == 404
    assert (await api.get(f"/merchants/{SHOP}/voucher-presentations", OTHER_MERCHANT)).status_code == 403
    assert (await api.get(f"/merchants/{SHOP}/voucher-presentations", DESK)).json() == []
    assert (await api.post("/vouchers", RESIDENT, {"points": 501, "days": 10})).status_code == 409
    closed = (await api.post(f"/vouchers/{voucher['id']}/revocation", RESIDENT)).status_code
    again = await api.post(f"/vouchers/{voucher['id']}/revocation", RESIDENT)
    assert (closed, again.status_code) == (201, 409)
