"""Subsidies: tranches tied to milestones, rewards by tier, clawback."""

import asyncio
import uuid
from collections import Counter

import pytest

from services.operations.subsidies.rules import Tranche, TranchesUnbalanced, check_tranches
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, RESIDENT, SHANGCHENG_OFFICIAL, YUYAO_OFFICIAL
from tests.operations.projects.test_api import days, papers, proposed

TREASURER = identity("staff:lu", ("official", "330281"))
GRANT = {
    "purpose": "未来社区创建补助",
    "amount_fen": 500_000_000,
    "tranches": [
        {"amount_fen": 150_000_000, "milestone": "applying"},
        {"amount_fen": 250_000_000, "milestone": "creating"},
        {"amount_fen": 100_000_000, "milestone": "accepting"},
    ],
    "rewards": {"model": 50_000_000, "leading": 100_000_000},
}
PROFILE = {"project_type": "integrated", "tier": "model", "population": 7800, "households": 3100, "area_m2": 460_000}


async def granted(api: ServiceClient) -> tuple[str, str]:
    project_id = await proposed(api, days(0, 10, 40))
    answer = await api.post("/subsidies", YUYAO_OFFICIAL, {**GRANT, "project_id": project_id})
    assert answer.status_code == 201, answer.text
    return project_id, f"/subsidies/{answer.json()['id']}"


async def paid(api: ServiceClient, path: str, no: int) -> int:
    answer = await api.post(f"{path}/payments", TREASURER, {"no": no, "evidence": "拨款单"})
    return answer.status_code


@pytest.mark.proves("O8")
async def test_tranches_follow_the_projects_milestones_a_tier_is_rewarded_and_what_was_not_kept_is_clawed_back(
    api: ServiceClient,
) -> None:
    project_id, path = await granted(api)
    assert await paid(api, path, 1) == 409  # the application is not passed
    for no, stage in enumerate(("applying", "creating", "accepting"), 1):
        if no == 2:
            assert await paid(api, path, 3) == 409
        gate = await api.post(f"/projects/{project_id}/gates", YUYAO_OFFICIAL, papers(stage))  # type: ignore[arg-type]
        assert gate.status_code == 201
        if no < 3:
            assert await paid(api, path, 0) in {404, 409}  # no reward before acceptance, nor without a tier
        own = await api.post(f"{path}/payments", YUYAO_OFFICIAL, {"no": no, "evidence": "拨款单"})
        assert (own.status_code, own.json()["type"].rpartition("/")[2]) == (403, "subsidy-self-approval")
        assert await paid(api, path, no) == 201
        assert await paid(api, path, no) == 409
    assert await paid(api, path, 0) == 404
    await api.post(f"/communities/{DONGJIANG}/profile", YUYAO_OFFICIAL, PROFILE)
    assert await paid(api, path, 0) == 201
    seen = (await api.get(path, YUYAO_OFFICIAL)).json()
    assert seen["paid"] == {"0": 50_000_000, "1": 150_000_000, "2": 250_000_000, "3": 100_000_000}
    demand = {"amount_fen": 100_000_000, "ground": "milestone_untrue", "basis": "验收材料不实"}
    clawed = await api.post(f"{path}/clawbacks", YUYAO_OFFICIAL, demand)
    assert (clawed.status_code, clawed.json()["clawed_fen"]) == (201, 100_000_000)
    rest = {**demand, "amount_fen": 450_000_001}
    refused = await api.post(f"{path}/clawbacks", YUYAO_OFFICIAL, rest)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "subsidy-clawback-too-large")
    assert (await api.post(f"{path}/clawbacks", YUYAO_OFFICIAL, {**rest, "amount_fen": 450_000_000})).status_code == 201


async def test_a_later_tranche_waits_for_the_one_before(api: ServiceClient) -> None:
    project_id, path = await granted(api)
    for stage in ("applying", "creating"):
        await api.post(f"/projects/{project_id}/gates", YUYAO_OFFICIAL, papers(stage))
    assert [await paid(api, path, no) for no in (2, 1, 2, 9)] == [409, 201, 201, 404]


async def test_of_32_payments_of_one_tranche_one_counts_and_of_32_clawbacks_what_was_paid(api: ServiceClient) -> None:
    project_id, path = await granted(api)
    await api.post(f"/projects/{project_id}/gates", YUYAO_OFFICIAL, papers("applying"))
    assert Counter(await asyncio.gather(*(paid(api, path, 1) for _ in range(32)))) == {201: 1, 409: 31}
    demand = {"amount_fen": 50_000_000, "ground": "misused", "basis": "审计意见"}
    asked = await asyncio.gather(*(api.post(f"{path}/clawbacks", YUYAO_OFFICIAL, demand) for _ in range(32)))
    assert Counter(answer.status_code for answer in asked) == {201: 3, 409: 29}


async def test_who_may_and_refusals(api: ServiceClient) -> None:
    project_id, path = await granted(api)
    body = {**GRANT, "project_id": project_id}
    demand = {"amount_fen": 1, "ground": "misused", "basis": "审计意见"}
    for who in (SHANGCHENG_OFFICIAL, RESIDENT, identity("staff:mao", ("official", "330281002"))):
        assert (await api.post("/subsidies", who, body)).status_code == 403
        assert (await api.post(f"{path}/payments", who, {"no": 1, "evidence": "x"})).status_code == 403
        assert (await api.post(f"{path}/clawbacks", who, demand)).status_code == 403
    assert (await api.get(path, RESIDENT)).status_code == 403
    assert (await api.post("/subsidies", YUYAO_OFFICIAL, {**body, "amount_fen": 1})).status_code == 422
    assert (await api.post("/subsidies", YUYAO_OFFICIAL, {**body, "project_id": str(uuid.uuid4())})).status_code == 404
    assert (await api.get(f"/subsidies/{uuid.uuid4()}", YUYAO_OFFICIAL)).status_code == 404


def test_tranches_come_to_the_subsidy_and_follow_the_stages() -> None:
    check_tranches(3, [Tranche(1, "applying"), Tranche(2, "accepting")])
    for amount, tranches in (
        (4, [Tranche(1, "applying"), Tranche(2, "accepting")]),
        (3, [Tranche(1, "accepting"), Tranche(2, "applying")]),
        (1, [Tranche(1, "operating")]),
    ):
        with pytest.raises(TranchesUnbalanced):
            check_tranches(amount, tranches)
