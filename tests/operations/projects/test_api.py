"""Projects over HTTP."""

import asyncio
import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from services.operations.projects.rules import GATES, Stage
from shared.clock import local_day
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, JINFENG, RESIDENT, SHANGCHENG_OFFICIAL, YUYAO_OFFICIAL

FENGSHAN_OFFICIAL = identity("staff:mao", ("official", "330281002"))


def days(*offsets: int) -> dict[str, str]:
    today = local_day(datetime.now(UTC))
    names = ("applying", "creating", "accepting")
    return {name: (today + timedelta(days=offset)).isoformat() for name, offset in zip(names, offsets, strict=True)}


def papers(stage: Stage) -> dict[str, object]:
    return {"stage": stage, "evidence": dict.fromkeys(GATES[stage], "余姚〔2026〕12 号")}


async def proposed(api: ServiceClient, plan: dict[str, str]) -> str:
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    body = {"community_code": DONGJIANG, "title": "东江未来社区", "plan": plan}
    answer = await api.post("/projects", FENGSHAN_OFFICIAL, body)
    assert answer.status_code == 201, answer.text
    project_id: str = answer.json()["id"]
    return project_id


@pytest.mark.proves("O14")
async def test_a_project_goes_from_application_to_operation_through_gates_and_its_slippage_shows(
    api: ServiceClient,
) -> None:
    project_id = await proposed(api, days(-30, 10, 40))
    path = f"/projects/{project_id}"
    fresh = (await api.get(path, YUYAO_OFFICIAL)).json()
    assert (fresh["stage"], [line["slip_days"] for line in fresh["stages"]]) == ("applying", [30, None, None])
    forecast = [date.fromisoformat(line["forecast"]) for line in fresh["stages"]]
    assert [(day - local_day(datetime.now(UTC))).days for day in forecast] == [0, 40, 70]
    early = await api.post(f"{path}/gates", YUYAO_OFFICIAL, papers("accepting"))
    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (409, "project-in-another-stage")
    bare = await api.post(f"{path}/gates", YUYAO_OFFICIAL, {"stage": "applying", "evidence": {"application": "1"}})
    assert bare.status_code == 422
    assert "resident_survey" in bare.json()["missing"]
    steps: list[tuple[Stage, Stage]] = [("applying", "creating"), ("creating", "accepting"), ("accepting", "operating")]
    for stage, following in steps:
        passed = await api.post(f"{path}/gates", YUYAO_OFFICIAL, papers(stage))
        assert (passed.status_code, passed.json()["stage"]) == (201, following)
        if stage == "applying":
            new = {"plan": days(-30, 20, 60), "reason": "施工许可延期"}
            assert (await api.post(f"{path}/plans", FENGSHAN_OFFICIAL, new)).status_code == 201
    done = (await api.get(path, YUYAO_OFFICIAL)).json()
    assert [line["slip_days"] for line in done["stages"]] == [30, -10, -40]
    assert [line["baseline"] for line in done["stages"]] == list(days(-30, 10, 40).values())
    assert [line["planned"] for line in done["stages"]] == list(days(-30, 20, 60).values())
    assert done["reasons"][1] == "施工许可延期"


async def test_of_32_at_one_gate_one_passes(api: ServiceClient) -> None:
    path = f"/projects/{await proposed(api, days(0, 10, 40))}/gates"
    answers = await asyncio.gather(*(api.post(path, YUYAO_OFFICIAL, papers("applying")) for _ in range(32)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 31}


async def test_who_may_propose_replan_pass_and_see(api: ServiceClient) -> None:
    path = f"/projects/{await proposed(api, days(0, 10, 40))}"
    body = {"community_code": DONGJIANG, "title": "东江未来社区", "plan": days(0, 10, 40)}
    for who in (SHANGCHENG_OFFICIAL, RESIDENT):
        assert (await api.post("/projects", who, body)).status_code == 403
        assert (await api.post(f"{path}/plans", who, {"plan": days(0, 1, 2), "reason": "x"})).status_code == 403
        assert (await api.get(path, who)).status_code == 403
        assert (await api.get("/projects", who, area="330281")).status_code == 403
    assert (await api.post(f"{path}/gates", FENGSHAN_OFFICIAL, papers("applying"))).status_code == 403


async def test_refusals_of_a_proposal(api: ServiceClient) -> None:
    path = f"/projects/{await proposed(api, days(0, 10, 40))}"
    body = {"community_code": JINFENG, "title": "锦凤未来社区", "plan": days(0, 10, 40)}
    assert (await api.post("/projects", YUYAO_OFFICIAL, body)).status_code == 409
    assert (await api.post("/projects", YUYAO_OFFICIAL, {**body, "plan": days(9, 8, 10)})).status_code == 422
    crossed = {"plan": days(9, 8, 10), "reason": "x"}
    assert (await api.post(f"{path}/plans", YUYAO_OFFICIAL, crossed)).status_code == 422
    for method, tail, sent in (("get", "", None), ("post", "/gates", papers("applying")), ("post", "/plans", crossed)):
        missing = f"/projects/{uuid.uuid4()}{tail}"
        answer = await (
            api.get(missing, YUYAO_OFFICIAL) if method == "get" else api.post(missing, YUYAO_OFFICIAL, sent)
        )
        assert answer.status_code == 404


async def test_projects_are_listed_by_area_in_pages(api: ServiceClient) -> None:
    known = [await proposed(api, days(0, 10, 40)) for _ in range(3)]
    first = (await api.get("/projects", YUYAO_OFFICIAL, area="330281", page_size=2)).json()
    rest = (await api.get("/projects", YUYAO_OFFICIAL, area="330281", cursor=first["next_cursor"])).json()
    assert [project["id"] for project in first["items"] + rest["items"]] == known
    assert (await api.get("/projects", YUYAO_OFFICIAL, area="330281", cursor="eyJ4Ijox")).status_code == 422
