"""From what failed in a check-up to the work, and its cost in the fund's book."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.operations.checkups.adopt_scheme import reference
from services.operations.fund.check_funds import check_funds
from services.operations.work_orders import queries
from services.operations.work_orders.rules import WorkStepRefused
from services.operations.work_orders.take_step import Step, take_step
from shared.clock import local_day
from shared.database import Database
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, NOW, RESIDENT, SHANGCHENG_OFFICIAL, YUYAO_OFFICIAL

OPERATOR = identity("staff:wu", ("operator", "330281"))
DESK = identity("staff:sun", ("desk", DONGJIANG))
OTHER_OFFICIAL = identity("staff:lu", ("official", "330281"))
ASSIGNED = {"contractor": "余姚市政维修公司", "pot": "general"}
DONE = {"report": "更换健身器材", "cost_fen": 480_000, "evidence": ["验收照片 1"]}
ACCEPTED = {"verdict": "accepted", "reason": "现场核查合格"}


def survey(**conditions: int) -> dict[str, Any]:
    found = {}
    for n, one in enumerate(reference()):
        facility = {"name": "设施", "households_covered": 1_000, "capacity": 10**7, "condition": 90, "use": 80}
        found[one.code] = [{**facility, "condition": conditions.get(str(n), conditions.get(f"n{n}", 90))}]
    return {"community_code": DONGJIANG, "year": 2026, "households": 1_000, "found": found}


async def ordered(api: ServiceClient, **conditions: int) -> list[dict[str, Any]]:
    """Open a fund, check 东江 up and raise its work orders."""
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    await api.post("/funds", YUYAO_OFFICIAL, {"community_code": DONGJIANG, "fen_per_point": 100})
    await api.post(f"/funds/{DONGJIANG}/pots", YUYAO_OFFICIAL, {"code": "general", "name": "一般资金", "purposes": []})
    money = {"pot": "general", "amount_fen": 1_000_000, "reference": "in-1", "source": "凤山街道"}
    assert (await api.post(f"/funds/{DONGJIANG}/receipts", OPERATOR, money)).is_success
    await api.post("/checkup-schemes", YUYAO_OFFICIAL, {"code": "yuyao-2026", "area_code": "330281"})
    assert (await api.post("/facility-surveys", DESK, survey(**conditions))).status_code == 201
    order = {"area_code": "330281", "year": 2026, "scheme": "yuyao-2026"}
    checkup = (await api.post("/checkups", YUYAO_OFFICIAL, order)).json()
    raised = await api.post(f"/checkups/{checkup['id']}/work-orders/{DONGJIANG}", OPERATOR)
    assert raised.status_code in {201, 409}, raised.text
    again = await api.post(f"/checkups/{checkup['id']}/work-orders/{DONGJIANG}", OPERATOR)
    assert again.json() == raised.json() or raised.status_code == 409
    found: list[dict[str, Any]] = raised.json()
    return found


def path_of(order: dict[str, Any]) -> str:
    return f"/work-orders/{DONGJIANG}/{order['id']}"


@pytest.mark.proves("O21")
async def test_what_failed_is_ordered_done_accepted_by_another_hand_and_paid_from_the_fund(api: ServiceClient) -> None:
    urgent, usual = await ordered(api, n0=50, n1=20)
    assert [one["urgency"] for one in (urgent, usual)] == ["urgent", "usual"]
    today = local_day(datetime.now(UTC))
    assert urgent["due_on"] == (today + timedelta(days=30)).isoformat()
    assert (usual["parts"], usual["state"], usual["days_late"]) == (["condition"], "raised", 0)
    path = path_of(urgent)
    assert (await api.post(f"{path}/assignment", OPERATOR, ASSIGNED)).json()["state"] == "assigned"
    assert (await api.post(f"{path}/completion", DESK, DONE)).json()["state"] == "done"
    sent_back = await api.post(f"{path}/acceptance", YUYAO_OFFICIAL, {"verdict": "sent_back", "reason": "缺照片"})
    assert sent_back.json()["state"] == "sent_back"
    await api.post(f"{path}/completion", DESK, DONE)
    accepted = (await api.post(f"{path}/acceptance", YUYAO_OFFICIAL, ACCEPTED)).json()
    payment = f"/funds/{DONGJIANG}/payments/{accepted['steps'][-1]['payment_id']}"
    asked = (await api.get(payment, RESIDENT)).json()
    assert (asked["amount_fen"], asked["payee"], asked["purpose"]) == (480_000, "余姚市政维修公司", "facilities")
    # Who reported the cost does not approve it; another official does, and the book says what it came to.
    assert asked["requested_by"] == "staff:sun"
    approved = await api.post(f"{payment}/approvals", OTHER_OFFICIAL)
    assert approved.json()["state"] == "approved"
    balances = {
        one["code"]: one["balance_fen"] for one in (await api.get(f"/funds/{DONGJIANG}", RESIDENT)).json()["accounts"]
    }
    assert (balances["general"], sum(balances.values())) == (520_000, 0)
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        assert await check_funds(session, NOW) == []
    await database.close()


@pytest.mark.proves("O21")
async def test_what_is_late_is_listed_the_oldest_first_until_it_is_accepted(api: ServiceClient) -> None:
    orders = await ordered(api, n0=50, n1=20, n2=50)
    assert (await api.get("/work-orders/330281", DESK_OF_CITY, overdue="true")).json() == []
    owner = Database(api.database.owner, name="test")
    async with owner.transaction() as session:
        await session.execute(text("UPDATE work_order SET due_on = due_on - 100"))
    await owner.close()
    late = (await api.get("/work-orders/330281", DESK_OF_CITY, overdue="true")).json()
    assert [one["days_late"] for one in late] == [70, 10, 10]
    path = path_of(orders[0])
    free = {**DONE, "cost_fen": 0}
    for tail, who, body in (
        ("assignment", OPERATOR, ASSIGNED),
        ("completion", DESK, free),
        ("acceptance", YUYAO_OFFICIAL, ACCEPTED),
    ):
        answer = await api.post(f"{path}/{tail}", who, body)
        assert answer.status_code == 201, answer.text
    assert answer.json()["steps"][-1]["payment_id"] is None  # nothing to pay
    late = (await api.get("/work-orders/330281", DESK_OF_CITY, overdue="true")).json()
    assert [one["days_late"] for one in late] == [10, 10]


async def test_all_that_is_raised_is_told_however_many_others_are_listed(
    api: ServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "ORDERS_MAX", 1)
    assert len(await ordered(api, n0=50, n1=20)) == 2
    assert len((await api.get("/work-orders/330281", DESK_OF_CITY)).json()) == 1


async def test_what_is_open_is_listed_before_what_was_accepted(
    api: ServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "ORDERS_MAX", 1)
    urgent, usual = await ordered(api, n0=50, n1=20)
    free = {**DONE, "cost_fen": 0}
    for tail, who, body in (
        ("assignment", OPERATOR, ASSIGNED),
        ("completion", DESK, free),
        ("acceptance", YUYAO_OFFICIAL, ACCEPTED),
    ):
        assert (await api.post(f"{path_of(urgent)}/{tail}", who, body)).status_code == 201
    [first] = (await api.get("/work-orders/330281", DESK_OF_CITY)).json()
    assert (first["id"], first["state"]) == (usual["id"], "raised")


DESK_OF_CITY = identity("staff:zhou", ("auditor", "330281"))


async def test_refusals(api: ServiceClient) -> None:
    [order] = await ordered(api, n0=50)
    path, stranger = path_of(order), f"/work-orders/{DONGJIANG}/{uuid.uuid4()}"
    refused = [
        (f"{path}/completion", DESK, DONE, 409, "work-step-refused"),
        (f"{path}/assignment", DESK, ASSIGNED, 403, "out-of-scope"),
        (f"{path}/assignment", SHANGCHENG_OFFICIAL, ASSIGNED, 403, "out-of-scope"),
        (f"{path}/acceptance", OPERATOR, ACCEPTED, 403, "out-of-scope"),
        (f"{stranger}/assignment", OPERATOR, ASSIGNED, 404, "work-order-unseen"),
    ]
    for where, who, body, status, kind in refused:
        answer = await api.post(where, who, body)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind), where
    assert (await api.get("/work-orders/330281", RESIDENT)).status_code == 403
    await api.post(f"{path}/assignment", YUYAO_OFFICIAL, {**ASSIGNED, "pot": "nowhere"})
    await api.post(f"{path}/completion", DESK, DONE)
    own = await api.post(f"{path}/acceptance", YUYAO_OFFICIAL, ACCEPTED)
    assert (own.status_code, own.json()["type"].rpartition("/")[2]) == (403, "work-accepted-by-own-hand")
    no_pot = await api.post(f"{path}/acceptance", OTHER_OFFICIAL, ACCEPTED)
    assert (no_pot.status_code, no_pot.json()["type"].rpartition("/")[2]) == (404, "fund-pot-unseen")


async def test_where_nothing_fails_nothing_is_ordered(api: ServiceClient) -> None:
    answer: Any = await ordered(api)
    assert answer["type"].rpartition("/")[2] == "nothing-fails"


async def test_of_32_acceptances_at_once_one_counts_and_one_payment_is_asked_for(api: ServiceClient) -> None:
    [order] = await ordered(api, n0=50)
    path = path_of(order)
    await api.post(f"{path}/assignment", OPERATOR, ASSIGNED)
    await api.post(f"{path}/completion", DESK, DONE)
    database = Database(api.database.app, name="test", pool_size=16)

    async def accept(n: int) -> bool:
        step = Step(DONGJIANG, uuid.UUID(order["id"]), "accepted", {"reason": "合格"}, by=f"staff:{n}", now=NOW)
        try:
            async with database.transaction() as session:
                await take_step(session, step)
        except WorkStepRefused:
            return False
        return True

    assert sum(await asyncio.gather(*(accept(n) for n in range(32)))) == 1
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM fund_payment")) == 1
    await database.close()
