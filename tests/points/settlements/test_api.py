"""What merchants are owed: stated, approved by the street with its SM2 key, paid outside; equal to the book."""

import asyncio
import csv
import uuid
from typing import Any

import asyncpg
import pytest
from gmssl_pyx import sm2_key_generate, sm2_sign

from services.points.settlements.rules import digest_of
from shared.identity import Identity
from shared.sm2 import fits
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import OFFICIAL, QINGBO, agree, award_of, budget_of, kind, take_part

RESIDENT_ID, SHOP = uuid.uuid4(), uuid.uuid4()
RESIDENT = identity(f"resident:{RESIDENT_ID}", ("resident", QINGBO))
MERCHANT = identity(f"merchant:{SHOP}", ("merchant", QINGBO))
STRANGER = identity(f"merchant:{uuid.uuid4()}", ("merchant", QINGBO))
OPERATOR = identity("staff:op", ("operator", QINGBO))
STREET = identity("staff:street", ("official", QINGBO[:9]))
OF_COMMUNITY = identity("staff:low", ("official", QINGBO))
PUBLIC, PRIVATE = sm2_key_generate()
KEY = PUBLIC.hex()
PATH = f"/settlements/{SHOP}"
HERE = {"community_code": QINGBO}


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """A community with a shop, a resident with points, and the street's key."""
    client = await start_api("points")
    await take_part(client, QINGBO, shops={SHOP: QINGBO})
    await agree(client, budget_of(1000))
    await agree(client, {"kind": "approver_key", "area": QINGBO[:9], "key": KEY})
    await agree(client, award_of(500, RESIDENT_ID))
    return client


def signature(text: str) -> str:
    signed: bytes = sm2_sign(PRIVATE, PUBLIC, text.encode())
    return signed.hex()


async def buy(api: ServiceClient, points: int) -> str:
    code = (await api.post("/payment-codes", RESIDENT, {})).json()["code"]
    payment = await api.post("/payments", MERCHANT, {"merchant_id": str(SHOP), "code": code, "points": points})
    payment_id: str = payment.json()["id"]
    assert (await api.post(f"/payments/{payment_id}/capture", MERCHANT, {})).status_code == 200
    return payment_id


async def draft(api: ServiceClient, who: Identity = OPERATOR) -> dict[str, Any]:
    """Draft a statement when all that was posted is final: other transactions of the server may still be under way."""
    admin = await asyncpg.connect(api.database.admin)
    final = "SELECT max(xid) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM transfer"
    while not await admin.fetchval(final):  # noqa: ASYNC110 - another transaction decides when
        await asyncio.sleep(0.05)
    await admin.close()
    drafted: dict[str, Any] = (await api.post(f"{PATH}/statements", who)).json()
    return drafted


async def in_book(api: ServiceClient) -> int:
    admin = await asyncpg.connect(api.database.admin)
    said = await admin.fetchval(
        "SELECT sum(amount)::bigint FROM entry JOIN account USING (community_code, account_id) WHERE kind = 'merchant'"
    )
    await admin.close()
    return int(said)


async def lines(api: ServiceClient, number: int) -> tuple[str, list[list[str]]]:
    file = await api.get(f"{PATH}/statements/{number}/file", MERCHANT)
    return digest_of(file.text), list(csv.reader(file.text.splitlines()))


@pytest.mark.proves("P35")
async def test_a_statement_equals_the_book_to_the_unit_is_signed_by_the_street_and_paid_outside(
    api: ServiceClient,
) -> None:
    bought = await buy(api, 40)
    await buy(api, 60)
    await api.post(f"/payments/{bought}/refunds", MERCHANT, {"points": 15})
    drafted = await draft(api)
    assert (drafted["points"], drafted["lines"], drafted["state"]) == (85, 3, "drafted")
    digest, rows = await lines(api, 1)
    assert (digest, rows[-1]) == (drafted["digest"], ["total", "3", "", "", "85"])
    assert [(row[1], row[4]) for row in rows[1:-1]] == [("redeem", "40"), ("redeem", "60"), ("reverse", "-15")]
    assert await in_book(api) == 85 == (await api.get(PATH, MERCHANT)).json()["balance"]
    await _approve_and_pay(api, drafted)
    # What comes after stands in the next one, a refund of what was paid too; and then the book owes nothing.
    await buy(api, 7)
    await api.post(f"/payments/{bought}/refunds", MERCHANT, {"points": 20})
    second = await draft(api)
    assert (second["number"], second["points"]) == (2, -13)
    assert await in_book(api) == -13
    shown = (await api.get(PATH, MERCHANT)).json()
    assert (shown["balance"], [one["state"] for one in shown["statements"]]) == (-13, ["drafted", "paid"])
    assert digest == (await lines(api, 1))[0], "what was stated does not change"
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True


async def _approve_and_pay(api: ServiceClient, drafted: dict[str, Any]) -> None:
    path, signed = f"{PATH}/statements/1", signature(drafted["signing_text"])
    assert kind(await api.post(f"{path}/paid", STREET, {"reference": "付字1"})) == (409, "statement-closed")
    wrong = signature(drafted["signing_text"].replace("85", "95"))
    assert kind(await api.post(f"{path}/approval", STREET, {"signature": wrong})) == (422, "approval-invalid")
    for who in (OPERATOR, OF_COMMUNITY, MERCHANT):
        assert kind(await api.post(f"{path}/approval", who, {"signature": signed})) == (403, "out-of-scope")
    approved = (await api.post(f"{path}/approval", STREET, {"signature": signed})).json()
    assert (approved["state"], fits(KEY, approved["signing_text"], approved["signature"])) == ("approved", True)
    assert kind(await api.post(f"{path}/approval", STREET, {"signature": signed})) == (409, "statement-closed")
    answers = await asyncio.gather(*(api.post(f"{path}/paid", STREET, {"reference": f"付字{n}"}) for n in range(32)))
    assert [answer.status_code for answer in answers].count(200) == 1
    assert await in_book(api) == 0


async def test_32_drafts_at_once_state_each_transfer_once(api: ServiceClient) -> None:
    for _ in range(3):
        await buy(api, 10)
    answers = await asyncio.gather(*(api.post(f"{PATH}/statements", OPERATOR) for _ in range(32)))
    drafted = [answer.json()["points"] for answer in answers if answer.status_code == 201]
    assert sum(drafted) + int((await draft(api)).get("points", 0)) == 30  # the rest was not final yet
    assert {kind(answer) for answer in answers if answer.status_code != 201} <= {(409, "nothing-to-state")}


async def test_nobody_approves_their_own_draft_and_no_key_is_no_approval(api: ServiceClient) -> None:
    await buy(api, 10)
    drafted = await draft(api, STREET)
    own = {"signature": signature(drafted["signing_text"])}
    assert kind(await api.post(f"{PATH}/statements/1/approval", STREET, own)) == (409, "statement-closed")
    await agree(api, {"kind": "approver_key", "area": QINGBO[:9], "key": sm2_key_generate()[0].hex()})
    other = identity("staff:street2", ("official", QINGBO[:9]))
    assert kind(await api.post(f"{PATH}/statements/1/approval", other, own)) == (422, "approval-invalid")


async def test_who_may_see_and_state(api: ServiceClient) -> None:
    for who in (STRANGER, RESIDENT):
        assert kind(await api.get(PATH, who)) == (403, "out-of-scope")
    assert kind(await api.post(f"{PATH}/statements", MERCHANT)) == (403, "out-of-scope")
    assert kind(await api.post(f"{PATH}/statements", OPERATOR)) == (409, "nothing-to-state")
    assert kind(await api.get(f"{PATH}/statements/1/file", MERCHANT)) == (404, "statement-unknown")
    assert kind(await api.get(f"{PATH}/statements/{2**63}/file", MERCHANT)) == (422, "malformed-request")
    assert kind(await api.get(f"/settlements/{uuid.uuid4()}", OPERATOR)) == (404, "merchant-unknown")
