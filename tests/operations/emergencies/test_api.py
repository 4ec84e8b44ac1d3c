"""Spend at once, and have it approved afterwards."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.operations.emergencies.decide_spend import Decision, decide_spend
from services.operations.emergencies.rules import (
    ApprovalOverdue,
    EmergencyLimitReached,
    EmergencyOver,
    SpendStepRefused,
    check_spend,
    is_overdue,
)
from services.operations.emergencies.spend import Expense, spend
from services.operations.fund.check_funds import check_funds
from shared.database import Database
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, NOW, RESIDENT, SHANGCHENG_OFFICIAL, YUYAO_OFFICIAL

FUND = f"/funds/{DONGJIANG}"
PATH = f"/emergencies/{DONGJIANG}"
DESK = identity("staff:zhou", ("desk", DONGJIANG))
OPERATOR = identity("staff:wu", ("operator", "330281"))
STREET = identity("staff:qian", ("official", "330281002"))
COMMUNITY = identity("staff:zhao", ("official", DONGJIANG))
PUMPS = {"amount_fen": 2_000_000, "payee": "余姚水泵厂", "what": "台风排涝水泵", "evidence": ["照片 1"]}


@pytest.fixture
async def emergency_id(api: ServiceClient) -> str:
    """Declare an emergency of 100,000 yuan in a fund that has 80,000."""
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    await api.post("/funds", YUYAO_OFFICIAL, {"community_code": DONGJIANG, "fen_per_point": 100})
    for pot, purpose in (("relief", "emergency"), ("points", "points")):
        await api.post(f"{FUND}/pots", YUYAO_OFFICIAL, {"code": pot, "name": "专款", "purposes": [purpose]})
    money = {"pot": "relief", "amount_fen": 8_000_000, "reference": "in-1", "source": "凤山街道"}
    await api.post(f"{FUND}/receipts", OPERATOR, money)
    declared = await api.post(PATH, STREET, declaration())
    assert declared.status_code == 201, declared.text
    emergency_id: str = declared.json()["id"]
    return emergency_id


def declaration(**changes: object) -> dict[str, Any]:
    ends_at = datetime.now(UTC) + timedelta(days=7)
    return {
        "pot": "relief",
        "basis": "台风 I 级响应",
        "limit_fen": 10_000_000,
        "ends_at": ends_at.isoformat(),
        **changes,
    }


@pytest.mark.proves("O23")
async def test_money_is_spent_at_once_and_approved_after_the_fact_or_paid_back(
    api: ServiceClient, emergency_id: str
) -> None:
    pumps = (await api.post(f"{PATH}/{emergency_id}/expenses", DESK, PUMPS)).json()
    tents = (await api.post(f"{PATH}/{emergency_id}/expenses", COMMUNITY, {**PUMPS, "what": "帐篷"})).json()
    assert (pumps["state"], pumps["overdue"]) == ("pending", False)
    assert await relief(api) == 4_000_000  # the money has left before anybody approved it
    # 20,000 yuan take the street, before or after; nobody decides on what they spent.
    for who, kind in ((COMMUNITY, "fund-own-approval"), (DESK, "out-of-scope")):
        answer = await api.post(f"{PATH}/expenses/{tents['id']}/decision", who, {"approved": True})
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, kind)
    low = await api.post(f"{PATH}/expenses/{pumps['id']}/decision", COMMUNITY, {"approved": True})
    assert (low.status_code, low.json()["type"].rpartition("/")[2]) == (403, "fund-approval-not-needed")
    for expense, approved, state in ((pumps, True, "approved"), (tents, False, "rejected")):
        decided = await api.post(f"{PATH}/expenses/{expense['id']}/decision", STREET, {"approved": approved})
        assert decided.json()["state"] == state
    seen = (await api.get(f"{PATH}/{emergency_id}", RESIDENT)).json()
    assert (seen["spent_fen"], seen["pending_fen"], seen["to_recover_fen"]) == (4_000_000, 0, 2_000_000)
    back = await api.post(f"{PATH}/expenses/{tents['id']}/recovery", OPERATOR, {"bank_reference": "back-1"})
    assert (back.json()["state"], await relief(api)) == ("recovered", 6_000_000)
    assert (await api.get(FUND, RESIDENT)).json()["sum_fen"] == 0
    database = Database(api.database.app, name="test")
    async with database.transaction() as session:
        assert await check_funds(session, NOW) == []
    await database.close()


async def relief(api: ServiceClient) -> int:
    accounts = (await api.get(FUND, RESIDENT)).json()["accounts"]
    return next(int(one["balance_fen"]) for one in accounts if one["code"] == "relief")


async def test_while_an_approval_is_overdue_nothing_more_is_spent(api: ServiceClient, emergency_id: str) -> None:
    database = Database(api.database.app, name="test")
    later = datetime.now(UTC) + timedelta(days=3)
    emergency = await api.post(PATH, STREET, declaration(approve_within_days=1))
    expense = Expense(
        community_code=DONGJIANG,
        emergency_id=uuid.UUID(emergency.json()["id"]),
        amount_fen=1,
        payee="余姚水泵厂",
        what="水泵",
        evidence=["照片"],
        by="staff:zhou",
        now=datetime.now(UTC),
    )
    async with database.transaction() as session:
        await spend(session, expense)
    with pytest.raises(ApprovalOverdue):
        async with database.transaction() as session:
            await spend(session, Expense(**{**_fields(expense), "now": later}))
    await database.close()
    assert emergency_id


def _fields(of: Expense) -> dict[str, Any]:
    return {name: getattr(of, name) for name in Expense.__dataclass_fields__}


def test_late_and_too_much_are_refused_and_a_pending_expense_becomes_overdue() -> None:
    check_spend(10, 4, 6, ends_at=NOW + timedelta(1), now=NOW)
    with pytest.raises(EmergencyLimitReached):
        check_spend(10, 4, 7, ends_at=NOW + timedelta(1), now=NOW)
    with pytest.raises(EmergencyOver):
        check_spend(10, 4, 6, ends_at=NOW, now=NOW)
    assert is_overdue("pending", NOW, NOW + timedelta(1))
    assert not is_overdue("approved", NOW, NOW + timedelta(1))


async def test_32_who_spend_at_once_keep_within_the_limit_and_the_pot(api: ServiceClient, emergency_id: str) -> None:
    answers = await asyncio.gather(
        *(api.post(f"{PATH}/{emergency_id}/expenses", DESK, {**PUMPS, "amount_fen": 1_000_000}) for _ in range(32))
    )
    outcomes = sorted(answer.status_code for answer in answers)
    assert outcomes == [201] * 8 + [409] * 24
    assert await relief(api) == 0


async def test_of_32_decisions_at_once_one_counts(api: ServiceClient, emergency_id: str) -> None:
    expense = (await api.post(f"{PATH}/{emergency_id}/expenses", DESK, PUMPS)).json()
    database = Database(api.database.app, name="test")

    async def decide(n: int) -> bool:
        decision = Decision(
            community_code=DONGJIANG,
            spend_id=uuid.UUID(expense["id"]),
            approved=n % 2 == 0,
            level=6,
            by=f"staff:{n}",
            now=NOW,
        )
        try:
            async with database.transaction() as session:
                await decide_spend(session, decision)
        except SpendStepRefused:
            return False
        return True

    assert sum(await asyncio.gather(*(decide(n) for n in range(32)))) == 1
    await database.close()


async def test_refusals(api: ServiceClient, emergency_id: str) -> None:
    nothing = uuid.uuid4()
    for path, who, body, status, kind in (
        (PATH, STREET, declaration(pot="points"), 409, "fund-earmark-violated"),
        (PATH, STREET, declaration(pot="none"), 404, "fund-pot-unseen"),
        (PATH, SHANGCHENG_OFFICIAL, declaration(), 403, "out-of-scope"),
        (PATH, STREET, declaration(ends_at=datetime.now(UTC).isoformat()), 409, "emergency-over"),
        (f"{PATH}/{nothing}/expenses", DESK, PUMPS, 404, "emergency-unseen"),
        (f"{PATH}/{emergency_id}/expenses", DESK, {**PUMPS, "amount_fen": 8_000_001}, 409, "fund-pot-overdrawn"),
        (f"{PATH}/{emergency_id}/expenses", DESK, {**PUMPS, "amount_fen": 10_000_001}, 409, "emergency-limit-reached"),
        (f"{PATH}/{emergency_id}/expenses", RESIDENT, PUMPS, 403, "out-of-scope"),
        (f"{PATH}/expenses/{nothing}/decision", STREET, {"approved": True}, 404, "emergency-unseen"),
    ):
        answer = await api.post(path, who, body)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind), (path, answer.text)
