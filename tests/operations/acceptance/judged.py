"""Acceptances of 东江, scored by three assessors."""

from typing import Any

from services.operations.acceptance.adopt_rubric import reference
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, YUYAO_OFFICIAL

PATH = f"/acceptances/{DONGJIANG}"
ASSESSORS = [identity(f"staff:assessor-{n}", ("auditor", "330281")) for n in range(3)]
SURVEY = {"households": 1_500, "answered": 750, "score_sum": 3_375, "evidence": ["满意度调查 2026-11"]}
ITEMS = reference("improvement").items()


async def opened(api: ServiceClient, project_type: str = "improvement") -> str:
    """Adopt the reference rubric and open an acceptance; returns its path."""
    await api.post("/communities", YUYAO_OFFICIAL, {"code": DONGJIANG})
    rubric = await api.post("/acceptance-rubrics", YUYAO_OFFICIAL, {"area_code": "330281", "rubric": project_type})
    assert rubric.status_code == 201, rubric.text
    opening = {"project_type": project_type, "rubric": rubric.json()["code"]}
    answer = await api.post(PATH, YUYAO_OFFICIAL, opening)
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{answer.json()['id']}"


def scores(percent: int) -> dict[str, Any]:
    """Give each item so many percent of its points, with evidence."""
    given = [
        {"item": code, "points": item.points * percent // 100, "evidence": [f"https://evidence.example/{code}"]}
        for code, item in ITEMS.items()
    ]
    return {"scores": given}


async def scored(api: ServiceClient, path: str, *percents: int) -> dict[str, Any]:
    """Have the assessors score, put the survey, and return where the acceptance stands."""
    for assessor, percent in zip(ASSESSORS, percents, strict=False):
        assert (await api.post(f"{path}/scores", assessor, scores(percent))).status_code == 201
    answer = await api.post(f"{path}/survey", YUYAO_OFFICIAL, SURVEY)
    standing: dict[str, Any] = answer.json()
    return standing
