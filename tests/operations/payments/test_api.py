"""From a redemption to the merchant's money, in the open."""

import asyncio
import json
import uuid

import pytest
from sqlalchemy import text

from services.operations.fund.check_funds import check_funds
from services.operations.payments.rules import NothingToSettle
from services.operations.payments.settle_points import Settlement, settle_points
from services.operations.worker import HANDLERS
from shared.database import Database
from shared.events.operations import PointsFunded
from shared.events.points import RedemptionCaptured, RedemptionRefunded
from shared.inbox import Inbox
from tests.ground import ServiceClient, identity
from tests.operations.ground import (
    DONGJIANG,
    NOW,
    QINGBOMEN,
    RESIDENT,
    SHANGCHENG_OFFICIAL,
    YUYAO_OFFICIAL,
    message,
    register_over_http,
    told,
)

FUND = f"/funds/{DONGJIANG}"
OPERATOR = identity("staff:wu", ("operator", "330281"))
STREET = identity("staff:qian", ("official", "330281002"))
COMMUNITY = identity("staff:zhao", ("official", DONGJIANG))
STRANGER = identity("resident:0190aaaa-0000-7000-8000-000000000009", ("resident", QINGBOMEN))


def redemption(merchant_id: str, points: int) -> RedemptionCaptured:
    return RedemptionCaptured(
        community_code=DONGJIANG,
        redemption_id=uuid.uuid4(),
        merchant_id=uuid.UUID(merchant_id),
        points=points,
        payer_community_code=QINGBOMEN,
        paid_points=points,
        captured_at=NOW,
    )


@pytest.fixture
async def merchant_id(api: ServiceClient) -> str:
    """Open a fund with 1,000,000 yuan in a pot for points, and a merchant."""
    merchant_id = await register_over_http(api)
    assert (await api.post("/funds", YUYAO_OFFICIAL, {"community_code": DONGJIANG, "fen_per_point": 100})).is_success
    for pot, purposes in (("points", ["points"]), ("general", [])):
        body = {"code": pot, "name": "专款", "purposes": purposes}
        assert (await api.post(f"{FUND}/pots", YUYAO_OFFICIAL, body)).is_success
        money = {"pot": pot, "amount_fen": 100_000_000, "reference": f"in-{pot}", "source": "凤山街道"}
        assert (await api.post(f"{FUND}/receipts", OPERATOR, money)).is_success
    return merchant_id


async def happen(api: ServiceClient, *events: RedemptionCaptured | RedemptionRefunded) -> None:
    database = Database(api.database.app, name="test")
    await Inbox("operations", database, HANDLERS).take([message(event) for event in events])
    await database.close()


@pytest.mark.proves("O9")
async def test_points_that_a_merchant_took_are_settled_from_the_fund_in_the_open(
    api: ServiceClient, merchant_id: str
) -> None:
    await happen(api, redemption(merchant_id, 40), redemption(merchant_id, 60_000))
    asked = {"merchant_id": merchant_id, "pot": "points"}
    payment = (await api.post(f"{FUND}/settlements", OPERATOR, asked)).json()
    assert (payment["points"], payment["amount_fen"], payment["state"]) == (60_040, 6_004_000, "requested")
    again = await api.post(f"{FUND}/settlements", OPERATOR, asked)
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "fund-nothing-to-settle")
    # 60,040 yuan take the street and the district; the community's official is not enough.
    path = f"{FUND}/payments/{payment['id']}"
    low = await api.post(f"{path}/approvals", COMMUNITY)
    assert (low.status_code, low.json()["type"].rpartition("/")[2]) == (403, "fund-approval-not-needed")
    assert (await api.post(f"{path}/approvals", STREET)).json()["state"] == "requested"
    assert (await api.post(f"{path}/approvals", STREET)).status_code == 403
    approved = (await api.post(f"{path}/approvals", YUYAO_OFFICIAL)).json()
    assert (approved["state"], [one["level"] for one in approved["approvals"]]) == ("approved", [9, 6])
    owed = {one["code"]: one["balance_fen"] for one in (await api.get(FUND, RESIDENT)).json()["accounts"]}
    assert owed == {
        "@outside": -200_000_000,
        "points": 93_996_000,
        "general": 100_000_000,
        f"payable:{merchant_id}": 6_004_000,
    }
    paid = await api.post(f"{path}/disbursement", OPERATOR, {"bank_reference": "out-1"})
    assert paid.json()["state"] == "paid"
    # A resident, even of elsewhere, sees the sum of 0, what moved, and who approved it.
    seen = (await api.get(FUND, STRANGER)).json()
    assert (seen["sum_fen"], len(seen["accounts"])) == (0, 4)
    moved = (await api.get(f"{FUND}/transfers", STRANGER)).json()["items"]
    assert [one["amount_fen"] for one in moved] == [6_004_000, 6_004_000, 100_000_000, 100_000_000]
    assert len((await api.get(path, STRANGER)).json()["approvals"]) == 2
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        assert await check_funds(session, NOW) == []
    await database.close()


async def test_nobody_approves_what_they_asked_for(api: ServiceClient, merchant_id: str) -> None:
    assert merchant_id
    body = {"pot": "general", "purpose": "activities", "payee": "东江文艺队", "amount_fen": 100}
    payment = (await api.post(f"{FUND}/payments", YUYAO_OFFICIAL, body)).json()
    path = f"{FUND}/payments/{payment['id']}"
    own = await api.post(f"{path}/approvals", YUYAO_OFFICIAL)
    assert (own.status_code, own.json()["type"].rpartition("/")[2]) == (403, "fund-own-approval")
    assert (await api.post(f"{path}/approvals", SHANGCHENG_OFFICIAL)).status_code == 403
    assert (await api.post(f"{path}/approvals", COMMUNITY)).json()["state"] == "approved"


async def test_a_rejected_settlement_may_be_asked_for_again(api: ServiceClient, merchant_id: str) -> None:
    await happen(api, redemption(merchant_id, 40))
    asked = {"merchant_id": merchant_id, "pot": "points"}
    first = (await api.post(f"{FUND}/settlements", OPERATOR, asked)).json()
    path = f"{FUND}/payments/{first['id']}"
    assert (await api.post(f"{path}/rejection", STREET)).json()["state"] == "rejected"
    merchant = identity(f"merchant:{merchant_id}", ("merchant", DONGJIANG))
    assert (await api.post(f"{FUND}/settlements", merchant, asked)).json()["points"] == 40
    for step, who, body in (
        ("approvals", STREET, None),
        ("rejection", STREET, None),
        ("disbursement", OPERATOR, {"bank_reference": "x"}),
    ):
        answer = await api.post(f"{path}/{step}", who, body)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "fund-payment-step-refused")


def refund(of: RedemptionCaptured, points: int) -> RedemptionRefunded:
    return RedemptionRefunded(
        community_code=DONGJIANG,
        redemption_id=of.redemption_id,
        merchant_id=of.merchant_id,
        points=points,
        refunded_points=points,
        payer_community_code=QINGBOMEN,
        refunded_at=NOW,
    )


async def test_what_was_given_back_is_netted_before_the_payment_or_in_the_next(
    api: ServiceClient, merchant_id: str
) -> None:
    bought, later = redemption(merchant_id, 40), redemption(merchant_id, 25)
    asked = {"merchant_id": merchant_id, "pot": "points"}
    await happen(api, bought, refund(bought, 10))
    assert (await api.post(f"{FUND}/settlements", OPERATOR, asked)).json()["points"] == 30
    await happen(api, later)
    assert (await api.post(f"{FUND}/settlements", OPERATOR, asked)).json()["points"] == 25
    await happen(api, refund(later, 20))
    nothing = await api.post(f"{FUND}/settlements", OPERATOR, asked)
    assert (nothing.status_code, nothing.json()["type"].rpartition("/")[2]) == (409, "fund-nothing-to-settle")
    await happen(api, redemption(merchant_id, 50))
    assert (await api.post(f"{FUND}/settlements", OPERATOR, asked)).json()["points"] == 30
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        assert await check_funds(session, NOW) == []
    await database.close()


async def test_what_the_pots_for_points_could_pay_for_is_told_whenever_it_changes(
    api: ServiceClient, merchant_id: str
) -> None:
    await happen(api, redemption(merchant_id, 40))
    asked = (await api.post(f"{FUND}/settlements", OPERATOR, {"merchant_id": merchant_id, "pot": "points"})).json()
    assert (await api.post(f"{FUND}/payments/{asked['id']}/approvals", STREET)).json()["state"] == "approved"
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        events = [json.loads(one.value) for one in await told(session)]
    await database.close()
    funded = [one["data"] for one in events if one["type"] == PointsFunded.type]
    assert [(one["community_code"], one["points"]) for one in funded] == [(DONGJIANG, 1_000_000), (DONGJIANG, 999_960)]


async def test_of_32_settlements_at_once_one_has_the_receivables(api: ServiceClient, merchant_id: str) -> None:
    await happen(api, *(redemption(merchant_id, 10) for _ in range(5)))
    database = Database(api.database.app, name="test")

    async def settle(n: int) -> int:
        try:
            async with database.transaction() as session:
                command = Settlement(DONGJIANG, uuid.UUID(merchant_id), "points", by=f"staff:{n}", now=NOW)
                return (await settle_points(session, command)).points or 0
        except NothingToSettle:
            return 0

    assert sorted(await asyncio.gather(*(settle(n) for n in range(32)))) == [0] * 31 + [50]
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM fund_settled_receivable")) == 5
    await database.close()


async def test_refusals(api: ServiceClient, merchant_id: str) -> None:
    request = {"pot": "points", "purpose": "activities", "payee": "东江文艺队", "amount_fen": 100}
    for path, who, body, status, kind in (
        (f"{FUND}/payments", OPERATOR, request, 409, "fund-earmark-violated"),
        (f"{FUND}/payments", OPERATOR, {**request, "pot": "none"}, 404, "fund-pot-unseen"),
        (f"{FUND}/payments", RESIDENT, request, 403, "out-of-scope"),
        (f"/funds/{QINGBOMEN}/payments", SHANGCHENG_OFFICIAL, request, 404, "fund-unseen"),
        (f"{FUND}/payments/{uuid.uuid4()}/approvals", STREET, None, 404, "fund-payment-unseen"),
        (f"{FUND}/settlements", OPERATOR, {"merchant_id": str(uuid.uuid4()), "pot": "points"}, 404, "provider-unseen"),
    ):
        answer = await api.post(path, who, body)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind), path
    tiers = [{"upto_fen": 5, "levels": [12]}]
    body = {"community_code": DONGJIANG, "fen_per_point": 1, "approval_tiers": tiers}
    assert (await api.post("/funds", YUYAO_OFFICIAL, body)).status_code == 422
    bad = await api.get(f"{FUND}/transfers", RESIDENT, cursor="nonsense")
    assert (bad.status_code, bad.json()["type"].rpartition("/")[2]) == (422, "bad-cursor")
    assert merchant_id


async def test_more_than_is_in_the_pot_is_not_approved(api: ServiceClient, merchant_id: str) -> None:
    assert merchant_id
    body = {"pot": "general", "purpose": "facilities", "payee": "余姚建工", "amount_fen": 100_000_001}
    payment = (await api.post(f"{FUND}/payments", OPERATOR, body)).json()
    path = f"{FUND}/payments/{payment['id']}"
    assert (await api.post(f"{path}/approvals", STREET)).is_success
    answer = await api.post(f"{path}/approvals", YUYAO_OFFICIAL)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "fund-pot-overdrawn")
    assert (await api.get(path, RESIDENT)).json()["state"] == "requested"
