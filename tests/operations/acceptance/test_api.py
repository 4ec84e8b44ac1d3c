"""Acceptance from the rubric to the sealed decision."""

import asyncio
import uuid

import pytest

from services.operations.acceptance.adopt_rubric import reference
from services.operations.acceptance.decide import Decision, decide
from services.operations.acceptance.rules import RUBRIC, AcceptanceDecided
from shared.database import Database
from tests.ground import ServiceClient, identity
from tests.operations.acceptance.judged import ASSESSORS, PATH, SURVEY, opened, scored, scores
from tests.operations.ground import DONGJIANG, NOW, QINGBOMEN, RESIDENT, SHANGCHENG_OFFICIAL, YUYAO_OFFICIAL

OPERATOR = identity("staff:wu", ("operator", "330281"))


@pytest.mark.proves("O13")
async def test_an_acceptance_is_simulated_scored_by_several_reported_and_sealed(api: ServiceClient) -> None:
    path = await opened(api)
    # Before applying: what would it come to, and what is missing? Nothing of it is kept.
    empty = (await api.post(f"{path}/simulation", OPERATOR, {})).json()
    assert (empty["passed"], empty["total"], "satisfaction" in empty["missing"]) == (False, "0.0", True)
    points = {one["item"]: one["points"] for one in scores(60)["scores"]}
    survey = {name: SURVEY[name] for name in ("households", "answered", "score_sum")}
    what_if = (await api.post(f"{path}/simulation", OPERATOR, {"points": points, "satisfaction": survey})).json()
    assert (what_if["passed"], what_if["total"], what_if["pass_points"]) == (True, "384.0", 360)
    assert (await api.get(path, OPERATOR)).json()["outcome"] == empty
    # Three assessors; the third is far off, which shows and does not move the median.
    standing = await scored(api, path, 60, 70, 10)
    outcome = standing["outcome"]
    assert (outcome["total"], outcome["satisfaction"], outcome["sample_percent"]) == ("384.0", "4.50", "50.00")
    assert (outcome["missing"], len(outcome["disputed"])) == ([], 16)
    assert [(one["code"], one["most"], one["most_bonus"]) for one in outcome["dimensions"]] == [
        ("scene", 360, 40),
        ("platform", 80, 0),
        ("operation", 80, 0),
        ("highlights", 40, 0),
        ("plan", 40, 0),
    ]
    # The report, twice: each figure with the number of its source, each source with its evidence.
    page = await api.get(f"{path}/report.html", OPERATOR)
    assert page.headers["content-type"].startswith("text/html")
    for said in ("东江社区", "384.0", "<svg", "[16]", "https://evidence.example/scene.health", standing["digest"]):
        assert said in page.text, said
    pdf = await api.get(f"{path}/report.pdf", OPERATOR)
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    decided = (await api.post(f"{path}/decision", YUYAO_OFFICIAL)).json()
    assert (decided["state"], decided["outcome"]["passed"], decided["digest"]) == ("decided", True, standing["digest"])


async def test_one_household_too_few_and_it_does_not_pass(api: ServiceClient) -> None:
    path = await opened(api, "new_build")
    await scored(api, path, 100, 100, 100)
    fewer = {**SURVEY, "answered": 749, "score_sum": 749 * 5}
    standing = (await api.post(f"{path}/survey", YUYAO_OFFICIAL, fewer)).json()
    assert (standing["outcome"]["total"], standing["outcome"]["passed"]) == ("640.0", False)
    assert "抽样户数不足" in standing["outcome"]["reasons"][0]


async def test_who_scores_again_revises_and_after_the_decision_nothing_is_added(api: ServiceClient) -> None:
    path = await opened(api)
    await scored(api, path, 60, 60, 60)
    again = await api.post(f"{path}/scores", ASSESSORS[0], scores(90))
    assert again.json()["outcome"]["total"] == "384.0"
    await api.post(f"{path}/decision", YUYAO_OFFICIAL)
    for step, who, body in (
        ("scores", ASSESSORS[0], scores(90)),
        ("survey", YUYAO_OFFICIAL, SURVEY),
        ("decision", YUYAO_OFFICIAL, None),
    ):
        answer = await api.post(f"{path}/{step}", who, body)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "acceptance-decided")


async def test_of_32_decisions_at_once_one_is_sealed(api: ServiceClient) -> None:
    path = await opened(api)
    await scored(api, path, 60, 60, 60)
    database = Database(api.database.app, name="test")

    async def try_to_decide(n: int) -> bool:
        try:
            async with database.transaction() as session:
                await decide(session, Decision(DONGJIANG, uuid.UUID(path[-36:]), by=f"staff:{n}", now=NOW))
        except AcceptanceDecided:
            return False
        return True

    assert sum(await asyncio.gather(*(try_to_decide(n) for n in range(32)))) == 1
    await database.close()


async def test_refusals(api: ServiceClient) -> None:
    path = await opened(api)
    renewal = {"area_code": "330281", "rubric": "improvement"}
    own = {**RUBRIC.dump_python(reference("improvement"), mode="json"), "code": "yuyao-2026", "pass_points": 400}
    assert (await api.post("/acceptance-rubrics", YUYAO_OFFICIAL, {**renewal, "rubric": own})).status_code == 201
    magic = {"scores": [{"item": "scene.magic", "points": 1, "evidence": ["x"]}]}
    for where, who, body, status, kind in (
        ("/acceptance-rubrics", YUYAO_OFFICIAL, renewal, 409, "rubric-exists"),
        (PATH, YUYAO_OFFICIAL, {"project_type": "improvement", "rubric": "none"}, 404, "rubric-unseen"),
        (PATH, YUYAO_OFFICIAL, {"project_type": "new_build", "rubric": "renewal"}, 422, "rubric-of-another-type"),
        (
            f"/acceptances/{QINGBOMEN}",
            SHANGCHENG_OFFICIAL,
            {"project_type": "improvement", "rubric": "renewal"},
            409,
            "community-not-registered",
        ),
        (f"{path}/decision", YUYAO_OFFICIAL, None, 409, "acceptance-incomplete"),
        (f"{path}/scores", ASSESSORS[0], magic, 422, "acceptance-score-inadmissible"),
        (f"{path}/simulation", OPERATOR, {"points": {"scene.magic": 1}}, 422, "acceptance-score-inadmissible"),
        (f"{path}/scores", OPERATOR, scores(60), 403, "out-of-scope"),
        (f"{path}/simulation", RESIDENT, {}, 403, "out-of-scope"),
        (f"{PATH}/{uuid.uuid4()}/decision", YUYAO_OFFICIAL, None, 404, "acceptance-unseen"),
    ):
        answer = await api.post(where, who, body)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind), answer.text
    no_evidence = {"scores": [{"item": "scene.health", "points": 1, "evidence": []}]}
    assert (await api.post(f"{path}/scores", ASSESSORS[0], no_evidence)).status_code == 422
    impossible = {**SURVEY, "score_sum": SURVEY["answered"] * 5 + 1}  # type: ignore[operator]
    assert (await api.post(f"{path}/survey", YUYAO_OFFICIAL, impossible)).status_code == 422
