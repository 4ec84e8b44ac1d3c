"""From the survey over the list to a remedy that another hand finds fixed."""

import asyncio
import uuid
from typing import Any

import pytest

from services.operations.checkups.adopt_scheme import reference
from services.operations.remedies.rules import RemedyStepRefused
from services.operations.remedies.take_step import Step, take_step
from shared.database import Database
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, JINFENG, NOW, RESIDENT, SHANGCHENG_OFFICIAL, YUYAO_OFFICIAL

OPERATOR = identity("staff:wu", ("operator", "330281"))
PLAN = {"plan": "新建老年食堂", "budget_fen": 30_000_000, "due_on": "2026-12-31"}
DONE = {"report": "食堂开业", "cost_fen": 29_000_000, "evidence": ["验收单 2026-17"]}


def survey(code: str, percent: int) -> dict[str, Any]:
    facility = {
        "name": "设施",
        "households_covered": percent * 10,
        "capacity": 10_000_000,
        "condition": percent,
        "use": percent,
    }
    found = {one.code: [facility] for one in reference()}
    return {"community_code": code, "year": 2026, "households": 1_000, "found": found}


@pytest.fixture
async def listed(api: ServiceClient) -> str:
    """Check 东江 and 锦凤 up: 锦凤 is the lowest tenth of two. Returns the path of its remedy."""
    await api.post("/checkup-schemes", YUYAO_OFFICIAL, {"code": "yuyao-2026", "area_code": "330281"})
    for code, percent in ((DONGJIANG, 80), (JINFENG, 20)):
        assert (await api.post("/facility-surveys", YUYAO_OFFICIAL, survey(code, percent))).status_code == 201
    order = {"area_code": "330281", "year": 2026, "scheme": "yuyao-2026"}
    checkup = (await api.post("/checkups", YUYAO_OFFICIAL, order)).json()
    assert (checkup["surveyed"], checkup["listed"], checkup["cutoff_bp"]) == (2, 1, 4_000)
    again = (await api.get(f"/checkups/{checkup['id']}/reproduction", YUYAO_OFFICIAL)).json()
    assert again == {"same": True, "listed": 1, "digest": checkup["digest"]}
    return f"/checkups/{checkup['id']}/remedies/{JINFENG}"


@pytest.mark.proves("O12")
async def test_a_listed_community_is_planned_for_mended_and_audited_and_closed_is_not_fixed(
    api: ServiceClient, listed: str
) -> None:
    before = (await api.get(listed, RESIDENT_OF_JINFENG)).json()
    assert (before["listed"], before["before_bp"], before["state"], before["missing"]) == (True, 4_000, "listed", [])
    assert (await api.post(f"{listed}/plan", OPERATOR, PLAN)).json()["state"] == "planned"
    assert (await api.post(f"{listed}/completion", OPERATOR, DONE)).json()["state"] == "done"
    # Reported done, and nobody has looked.
    early = await api.post(f"{listed}/audit", YUYAO_OFFICIAL)
    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (409, "remedy-not-resurveyed")
    await api.post("/facility-surveys", YUYAO_OFFICIAL, survey(JINFENG, 20))
    sent_back = (await api.post(f"{listed}/audit", YUYAO_OFFICIAL)).json()
    assert sent_back["state"] == "not_fixed"
    # Planned anew, done again, and now it is better.
    await api.post(f"{listed}/plan", OPERATOR, PLAN)
    await api.post(f"{listed}/completion", OPERATOR, DONE)
    await api.post("/facility-surveys", YUYAO_OFFICIAL, survey(JINFENG, 90))
    fixed = (await api.post(f"{listed}/audit", YUYAO_OFFICIAL)).json()
    assert [step["state"] for step in fixed["steps"]] == ["planned", "done", "not_fixed", "planned", "done", "fixed"]
    assert fixed["steps"][-1]["facts"] == {"before_bp": 4_000, "after_bp": 9_250, "cutoff_bp": 4_000}
    assert fixed["steps"][0]["facts"]["budget_fen"] == 30_000_000


RESIDENT_OF_JINFENG = identity("resident:0190aaaa-0000-7000-8000-000000000002", ("resident", JINFENG))


async def test_nobody_audits_their_own_work(api: ServiceClient, listed: str) -> None:
    await api.post(f"{listed}/plan", YUYAO_OFFICIAL, PLAN)
    await api.post(f"{listed}/completion", OPERATOR, DONE)
    answer = await api.post(f"{listed}/audit", YUYAO_OFFICIAL)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "remedy-audited-by-own-hand")


async def test_refusals(api: ServiceClient, listed: str) -> None:
    off_list = listed.replace(JINFENG, DONGJIANG)
    refused = [
        (f"{listed}/plan", SHANGCHENG_OFFICIAL, PLAN, 403, "out-of-scope"),
        (f"{listed}/plan", RESIDENT, PLAN, 403, "out-of-scope"),
        (f"{listed}/completion", OPERATOR, DONE, 409, "remedy-step-refused"),
        (f"{listed}/audit", YUYAO_OFFICIAL, None, 409, "remedy-step-refused"),
        (f"{off_list}/plan", OPERATOR, PLAN, 409, "community-not-listed"),
        (f"{listed.replace(JINFENG, '330281003013')}/plan", OPERATOR, PLAN, 404, "checkup-unseen"),
    ]
    for path, who, body, status, kind in refused:
        answer = await api.post(path, who, body)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind), path


async def test_of_32_who_report_the_work_done_at_once_one_does(api: ServiceClient, listed: str) -> None:
    await api.post(f"{listed}/plan", OPERATOR, PLAN)
    checkup_id = uuid.UUID(listed.split("/")[2])
    database = Database(api.database.app, name="test")

    async def complete(n: int) -> bool:
        try:
            async with database.transaction() as session:
                await take_step(session, Step(checkup_id, JINFENG, "done", DONE, by=f"staff:{n}", now=NOW))
        except RemedyStepRefused:
            return False
        return True

    assert sum(await asyncio.gather(*(complete(n) for n in range(32)))) == 1
    await database.close()
