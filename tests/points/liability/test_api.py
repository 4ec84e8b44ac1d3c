"""The liability board: what is outstanding, what stands behind it, where it is spent, and how it flows."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.points.ledger.post import post
from services.points.ledger.rules import POOL, AssetClass, PostTransfer, TransferKind, hold_of, resident
from services.points.worker import HANDLERS
from shared.database import Database
from shared.events.operations import PointsFunded
from shared.inbox import Inbox
from tests.ground import ServiceClient, StartApi, identity
from tests.operations.ground import message
from tests.points.book import CHECKER, DONGJIANG, OFFICIAL, QINGBO, grant, kind, take_part

BUYER, SHOP, FAR_SHOP = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
RESIDENT = identity(f"resident:{BUYER}", ("resident", QINGBO))
MERCHANT = identity(f"merchant:{SHOP}", ("merchant", QINGBO))
OPERATOR = identity("staff:op", ("operator", QINGBO))
AUDITOR = identity("staff:au", ("auditor", "33"))
DISTRICT = "330102"


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """Two communities with a corridor whose discount moves, a shop in each, and points that expire in two months."""
    client = await start_api("points")
    await take_part(client, QINGBO, DONGJIANG, shops={SHOP: QINGBO, FAR_SHOP: DONGJIANG})
    database = Database(client.database.app, name="test")
    async with database.transaction() as session:
        await grant(session, BUYER, 300)
        await grant(session, BUYER, 500, expires_on=date(2028, 9, 30))
        await grant(session, BUYER, 8, asset_class=AssetClass.HOURS)
        await grant(session, BUYER, 9, asset_class=AssetClass.BASIC)
        await grant(session, uuid.uuid4(), 40, community_code=DONGJIANG)
    await database.close()
    corridor = {"from_community": QINGBO, "to_community": DONGJIANG, "discount_bp": 1000}
    moving = {"floor_bp": 0, "ceiling_bp": 3000, "full_at": 1000}
    assert (await client.post("/corridors", OFFICIAL, {**corridor, **moving})).status_code == 201
    pair = {"from_community": QINGBO, "to_community": DONGJIANG, "version": 1}
    assert (await client.post("/corridors/agreements", CHECKER, pair)).status_code == 200
    return client


async def board(api: ServiceClient, area: str = DISTRICT, who: Any = OFFICIAL, **window: str) -> Any:  # noqa: ANN401
    now = datetime.now(UTC)
    around = {"from": (now - timedelta(days=1)).isoformat(), "to": (now + timedelta(days=1)).isoformat()}
    return await api.get(f"/liability/{area}", who, **{**around, **window})


async def told(api: ServiceClient, *events: PointsFunded) -> None:
    database = Database(api.database.app, name="test")
    await Inbox("points", database, HANDLERS).take([message(event) for event in events])
    await database.close()


async def buy(api: ServiceClient, price: int, shop: uuid.UUID) -> None:
    quote = (await api.post("/quotes", RESIDENT, {"merchant_id": str(shop), "price": price})).json()
    assert (await api.post("/redemptions", RESIDENT, {"quote_id": quote["id"]})).status_code == 201


async def at_the_till(api: ServiceClient) -> None:
    """Pay 30 at home and get 10 back."""
    shown = (await api.post("/payment-codes", RESIDENT, {})).json()["code"]
    asked = {"merchant_id": str(SHOP), "code": shown, "points": 30}
    payment = (await api.post("/payments", MERCHANT, asked)).json()
    await api.post(f"/payments/{payment['id']}/capture", MERCHANT, {})
    assert (await api.post(f"/payments/{payment['id']}/refunds", MERCHANT, {"points": 10})).status_code == 200


async def own_space(database: Database) -> None:
    """Pay the community 12 for a hall, as a booking does, and get 2 of it back; what is only held is not spent."""
    who, pay = resident(BUYER), TransferKind.REDEEM
    paid = PostTransfer(QINGBO, AssetClass.SERVICE, pay, "booking:1", ((who, -12), (POOL, 12)))
    back = PostTransfer(
        QINGBO, AssetClass.SERVICE, TransferKind.REVERSE, "b", ((who, 2), (POOL, -2)), reverses=(pay, "booking:1")
    )
    held = hold_of((QINGBO, AssetClass.SERVICE, who), "booking:2", 50, datetime.now(UTC) + timedelta(days=1))
    async with database.transaction() as session:
        await post(session, [[paid], [back], [held]], now=datetime.now(UTC))


@pytest.mark.proves("P43")
async def test_the_board_shows_what_is_outstanding_funded_and_spent_and_agrees_with_the_book(
    api: ServiceClient,
) -> None:
    await buy(api, 90, FAR_SHOP)
    await at_the_till(api)
    database = Database(api.database.app, name="test")
    await own_space(database)
    at = datetime.now(UTC)
    funded = PointsFunded(community_code=QINGBO, points=200, funded_at=at)
    await told(api, funded, funded.model_copy(update={"points": 9, "funded_at": at - timedelta(hours=1)}))
    seen = (await board(api)).json()
    # By issuer and month of expiry; the first to expire were spent: 100 abroad, 20 at the till, 10 for the hall.
    assert seen["outstanding"] == [
        {"community_code": QINGBO, "issuer": QINGBO, "expires_month": "2028-06", "points": 170},
        {"community_code": QINGBO, "issuer": QINGBO, "expires_month": "2028-09", "points": 500},
    ]
    async with database.transaction() as session:
        issued = "SELECT -sum(amount) FROM entry JOIN account USING (community_code, account_id) WHERE kind = 'issuer'"
        left = await session.scalar(
            text(f"{issued} AND account.asset_class = 'service' AND community_code = '{QINGBO}'")
        )
        assert left == sum(one["points"] for one in seen["outstanding"]) + 130
    await database.close()
    # What stands behind it: told last, whatever comes late.
    [backing] = seen["funded"]
    assert (backing["outstanding"], backing["funded"], backing["funded_bp"]) == (670, 200, 2985)
    # Where it is spent, less what was given back; and what crossed.
    assert {(one["to_community"], one["merchant_id"]): one["points"] for one in seen["spent"]} == {
        (DONGJIANG, str(FAR_SHOP)): 90,
        (QINGBO, str(SHOP)): 20,
        (QINGBO, None): 10,
    }
    assert seen["flows"] == [{"from_community": QINGBO, "to_community": DONGJIANG, "points": 90}]
    # The corridor as it stands: 90 are owed, so the discount has moved from 10 % towards 30 %.
    [corridor] = seen["corridors"]
    assert (corridor["from_community"], corridor["to_community"], corridor["version"]) == (QINGBO, DONGJIANG, 1)
    quote = (await api.post("/quotes", RESIDENT, {"merchant_id": str(FAR_SHOP), "price": 90})).json()
    assert (corridor["owed"], corridor["discount_bp"]) == (90, quote["discount_bp"])
    assert corridor["discount_bp"] > 1000
    await _elsewhere_and_at_other_times(api)


async def _elsewhere_and_at_other_times(api: ServiceClient) -> None:
    there = (await board(api, DONGJIANG[:6])).json()
    assert [(one["community_code"], one["points"]) for one in there["outstanding"]] == [(DONGJIANG, 40)]
    assert [(one["funded"], one["funded_bp"]) for one in there["funded"]] == [(None, None)]
    assert [one["points"] for one in there["spent"]] == [90]
    later = {
        "from": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "to": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
    }
    quiet = (await board(api, **later)).json()
    assert (quiet["spent"], quiet["flows"], len(quiet["outstanding"])) == ([], [], 2)


async def test_who_looks_after_an_area_sees_its_board_and_nobody_else(api: ServiceClient) -> None:
    assert (await board(api, QINGBO, OPERATOR)).status_code == 200
    assert (await board(api, "33", AUDITOR)).status_code == 200
    for area, who in ((DISTRICT, OPERATOR), (QINGBO, RESIDENT), (QINGBO, MERCHANT)):
        assert kind(await board(api, area, who)) == (403, "out-of-scope")
