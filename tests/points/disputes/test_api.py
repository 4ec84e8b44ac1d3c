"""What is disputed is frozen, decided by another, and taken back by whoever's role may."""

import asyncio
import uuid
from collections import Counter
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from shared.database import Database
from shared.identity import Identity
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import (
    DONGJIANG,
    OFFICIAL,
    QINGBO,
    agree,
    allow,
    broken,
    grant,
    kind,
    open_corridor,
    take_part,
)

GIVER, RELATIVE, SHOP, FAR_SHOP = (uuid.uuid4() for _ in range(4))
RESIDENT = identity(f"resident:{GIVER}", ("resident", QINGBO))
CHILD = identity(f"resident:{RELATIVE}", ("resident", QINGBO))
STRANGER = identity(f"resident:{uuid.uuid4()}", ("resident", QINGBO))
DESK = identity("staff:li", ("desk", QINGBO))
OPERATOR = identity("staff:op", ("operator", QINGBO))
FAR_OPERATOR = identity("staff:far", ("operator", DONGJIANG))
SECOND = identity("staff:lu", ("official", "330102"))
MERCHANT = identity(f"merchant:{SHOP}", ("merchant", QINGBO))
TAKE_BACK = {"take_back": True, "remark": "核实后退回"}
DISMISS = {"take_back": False, "remark": "核实无误"}


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """Two communities with a corridor at 10 %, a shop in each, and a resident with 100 points besides."""
    client = await start_api("points")
    await take_part(client, QINGBO, DONGJIANG, shops={SHOP: QINGBO, FAR_SHOP: DONGJIANG})
    database = Database(client.database.app, name="test")
    async with database.transaction() as session:
        await allow(session, QINGBO)
        await grant(session, GIVER, 100)
    await database.close()
    await open_corridor(client)
    return client


async def award(api: ServiceClient, points: int = 60) -> str:
    """Grant points by two persons; returns the transfer's id."""
    content = {"kind": "grant", "community_code": QINGBO, "resident_id": str(GIVER), "activity": "award"}
    await agree(api, {**content, "points": points, "reason": "x"})
    return await last_transfer(api, "earn")


async def last_transfer(api: ServiceClient, of: str) -> str:
    owner = await asyncpg.connect(api.database.owner)
    latest = "SELECT transfer_id FROM transfer WHERE kind = $1 ORDER BY transfer_id DESC LIMIT 1"
    found = str(await owner.fetchval(latest, of))
    await owner.close()
    return found


async def wallet(api: ServiceClient, who: Identity = RESIDENT) -> tuple[int, int]:
    [held] = (await api.get("/accounts/me", who)).json()["held"]
    return held["balance"], held["spendable"]


async def buy(api: ServiceClient, price: int, shop: uuid.UUID = SHOP) -> str:
    quote = (await api.post("/quotes", RESIDENT, {"merchant_id": str(shop), "price": price})).json()
    bought = await api.post("/redemptions", RESIDENT, {"quote_id": quote["id"]})
    assert bought.status_code == 201, bought.text
    found: str = bought.json()["id"]
    return found


async def disputed(api: ServiceClient, transfer_id: str, by: Identity = DESK) -> dict[str, Any]:
    answer = await api.post("/disputes", by, {"transfer_id": transfer_id, "reason": "没有参加活动"})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def decide(api: ServiceClient, dispute: dict[str, Any], body: dict[str, Any], by: Identity = SECOND) -> Any:  # noqa: ANN401
    return await api.post(f"/disputes/{dispute['id']}/decision", by, body)


async def decided(api: ServiceClient, dispute: dict[str, Any], body: dict[str, Any], by: Identity = SECOND) -> int:
    answer = await decide(api, dispute, body, by)
    assert answer.status_code == 200, answer.text
    taken: int = answer.json()["reversed"]
    return taken


@pytest.mark.proves("P42")
async def test_a_dispute_is_opened_its_lots_are_frozen_and_it_is_decided_and_reversed_by_role(
    api: ServiceClient,
) -> None:
    granted = await award(api)
    await buy(api, 120)  # the oldest lots first: 100 of those before, and 20 of the award's
    dispute = await disputed(api, granted)
    assert (dispute["frozen"], await wallet(api)) == (40, (40, 0)), "what is left of the grant itself"
    refused = await api.post("/quotes", RESIDENT, {"merchant_id": str(SHOP), "price": 1})
    assert kind(refused) == (409, "not-enough-points")
    again = await api.post("/disputes", RESIDENT, {"transfer_id": granted, "reason": "不是我的"})
    assert (kind(again), again.json()["dispute_id"]) == ((409, "dispute-open"), dispute["id"])
    await _by_role(api, dispute)
    assert await decided(api, dispute, DISMISS, OPERATOR) == 0
    assert await wallet(api) == (40, 40)
    assert kind(await decide(api, dispute, TAKE_BACK)) == (409, "dispute-decided")
    # There are new facts: it is taken back, out of the lots that it came into.
    second = await disputed(api, granted, OPERATOR)
    assert (await decided(api, second, TAKE_BACK), await wallet(api)) == (40, (0, 0))
    third = await disputed(api, granted)
    assert (third["frozen"], await decided(api, third, TAKE_BACK)) == (0, 0), "what was spent before stays spent"
    listed = (await api.get("/disputes", OPERATOR, community_code=QINGBO)).json()
    assert [one["reversed"] for one in listed] == [0, 40, 0]
    assert [one["id"] for one in (await api.get("/disputes", OPERATOR)).json()] == [second["id"]]
    await _purchases(api)
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True


async def _by_role(api: ServiceClient, dispute: dict[str, Any]) -> None:
    assert kind(await decide(api, dispute, TAKE_BACK, OPERATOR)) == (403, "out-of-scope")
    assert kind(await decide(api, dispute, DISMISS, DESK)) == (403, "out-of-scope")
    opened_it = identity(DESK.subject, ("official", "330102"))
    assert kind(await decide(api, dispute, TAKE_BACK, opened_it)) == (403, "own-dispute")
    concerns_it = identity(RESIDENT.subject, ("official", "330102"))
    assert kind(await decide(api, dispute, TAKE_BACK, concerns_it)) == (403, "own-dispute")
    for who in (STRANGER, FAR_OPERATOR):
        assert kind(await decide(api, dispute, TAKE_BACK, who)) == (404, "dispute-unknown")
    assert (await api.get("/disputes", FAR_OPERATOR, community_code=QINGBO)).status_code == 403


async def _purchases(api: ServiceClient) -> None:
    """A purchase is disputed by its resident or merchant; the operator may give it back, across communities too."""
    await award(api, 300)
    bought, far = await buy(api, 30), await buy(api, 90, FAR_SHOP)
    assert await wallet(api) == (170, 170)
    dispute = await disputed(api, bought, RESIDENT)
    assert (dispute["frozen"], await decided(api, dispute, TAKE_BACK, OPERATOR)) == (0, 30)
    abroad = await disputed(api, far, RESIDENT)
    assert kind(await decide(api, abroad, TAKE_BACK, OPERATOR)) == (404, "dispute-unknown"), "the merchant's community"
    assert await decided(api, abroad, TAKE_BACK, FAR_OPERATOR) == 90
    assert await wallet(api) == (300, 300)
    positions = (await api.get(f"/clearing/positions/{QINGBO}", OFFICIAL)).json()
    assert [(one["owed"], one["agrees"]) for one in positions] == [(0, True)]
    # At a till, in parts: what the merchant has given back already is not given back again.
    shown = (await api.post("/payment-codes", RESIDENT, {})).json()["code"]
    asked = {"merchant_id": str(SHOP), "code": shown, "points": 50}
    payment = (await api.post("/payments", MERCHANT, asked)).json()
    taken = (await api.post(f"/payments/{payment['id']}/capture", MERCHANT, {})).json()
    await api.post(f"/payments/{payment['id']}/refunds", MERCHANT, {"points": 20})
    at_till = await disputed(api, taken["redemption_id"], MERCHANT)
    assert await decided(api, at_till, TAKE_BACK, OPERATOR) == 30
    assert (await api.get(f"/payments/{payment['id']}", MERCHANT)).json()["refunded"] == 50
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        told = await session.scalars(text("SELECT data FROM outbox WHERE type = 'points.redemption-refunded.v1'"))
        assert len(told.all()) == 4
    await database.close()


async def test_what_a_family_shared_is_frozen_where_it_is_and_goes_back_to_its_lots(api: ServiceClient) -> None:
    bond = (await api.post("/family/invitations", RESIDENT, {"relation": "child"})).json()
    await api.post("/family/consents", CHILD, {"code": bond["code"]})
    await api.post(f"/family/bonds/{bond['bond_id']}/attestation", DESK, {"document": "户口簿"})
    order = {"bond_id": bond["bond_id"], "community_code": QINGBO, "points": 60}
    shared = (await api.post("/family/shares", RESIDENT, order)).json()["transfer_id"]
    dispute = await disputed(api, shared, RESIDENT)
    assert (dispute["frozen"], await wallet(api, CHILD)) == (60, (60, 0))
    assert kind(await decide(api, dispute, TAKE_BACK, OPERATOR)) == (403, "out-of-scope")
    assert await decided(api, dispute, TAKE_BACK) == 60
    assert (await wallet(api), await wallet(api, CHILD)) == ((100, 100), (0, 0))


async def test_basic_points_need_no_freeze_and_are_taken_back(api: ServiceClient) -> None:
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        await grant(session, RELATIVE, 9, asset_class="basic")
    dispute = await disputed(api, await last_transfer(api, "earn"))
    assert (dispute["frozen"], await decided(api, dispute, TAKE_BACK)) == (0, 9)
    async with database.transaction() as session:
        assert await broken(session) == []
    await database.close()


async def test_what_is_nobodys_to_dispute_is_unseen(api: ServiceClient) -> None:
    granted, bought = await award(api), await buy(api, 5, FAR_SHOP)
    payers_side = await last_transfer(api, "redeem")
    for transfer_id, who in (
        (granted, STRANGER),
        (granted, FAR_OPERATOR),
        (bought, STRANGER),
        (str(uuid.uuid4()), DESK),
        *(((payers_side, DESK),) if payers_side != bought else ()),
    ):
        answer = await api.post("/disputes", who, {"transfer_id": transfer_id, "reason": "不是我的"})
        assert kind(answer) == (404, "not-disputable")


async def test_an_erasure_empties_what_the_resident_said(api: ServiceClient) -> None:
    dispute = await disputed(api, await award(api), RESIDENT)
    assert (await api.post("/accounts/me/erasure", RESIDENT)).status_code == 201
    [left] = (await api.get("/disputes", OPERATOR, community_code=QINGBO)).json()
    assert (left["id"], left["reason"], left["frozen"]) == (dispute["id"], "", 60)


async def test_of_32_who_dispute_one_grant_at_once_one_does_and_of_32_who_decide_one_does(api: ServiceClient) -> None:
    granted = await award(api)
    body = {"transfer_id": granted, "reason": "没有参加活动"}
    opened = await asyncio.gather(*(api.post("/disputes", DESK, body) for _ in range(32)))
    assert Counter(answer.status_code for answer in opened) == {201: 1, 409: 31}
    [dispute] = [answer.json() for answer in opened if answer.status_code == 201]
    answers = await asyncio.gather(*(decide(api, dispute, TAKE_BACK) for _ in range(32)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 31}
    assert await wallet(api) == (100, 100)


async def test_who_spends_while_a_dispute_is_opened_spends_or_is_frozen_and_never_both(api: ServiceClient) -> None:
    granted = await award(api)
    buying = [api.post("/quotes", RESIDENT, {"merchant_id": str(SHOP), "price": 10}) for _ in range(32)]
    opening = api.post("/disputes", DESK, {"transfer_id": granted, "reason": "没有参加活动"})
    *quotes, opened = await asyncio.gather(*buying, opening)
    held = sum(10 for quote in quotes if quote.status_code == 201)
    assert opened.status_code == 201
    assert held + opened.json()["frozen"] <= 160
    assert (await wallet(api))[1] == 160 - held - opened.json()["frozen"]
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True
