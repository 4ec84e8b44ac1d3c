"""Input that looks like what is asked for and that no calendar or store holds."""

import uuid
from typing import Any

from tests.ground import ServiceClient
from tests.operations.ground import DONGJIANG, YUYAO_OFFICIAL, register_over_http, terms

NOTHING = uuid.uuid4()
PLAN = {"applying": "2026-12-01", "creating": "2027-12-01", "accepting": "9999-12-31"}
PERMIT = {
    "area": "330281",
    "department": "民政局",
    "matter": "报表",
    "kind": "report",
    "basis": "通知",
    "minutes_per_case": 30,
    "cases_per_year": 4,
    "starts_on": "9999-01-01",
    "ends_on": "9999-06-30",
}
EMERGENCY = {"pot": "a\0", "basis": "台风", "limit_fen": 1, "ends_at": "2099-01-01T00:00:00Z"}
COST = {"month": "20٢٦-11", "amount_fen": 1}
RUBRIC: dict[str, Any] = {
    "code": "own",
    "project_types": ["integrated"],
    "pass_points": 1,
    "assessors_min": 3,
    "satisfaction_min_centi": 450,
    "sample_min_bp": 5_000,
    "dimensions": [
        {
            "code": "a",
            "name": "甲",
            "points": 10,
            "bonus": 0,
            "items": [{"code": "a.1", "name": "一", "points": 10, "bonus": False}],
        }
    ],
}


async def test_what_no_calendar_or_store_holds_is_malformed(api: ServiceClient) -> None:
    posted: list[tuple[str, dict[str, Any]]] = [
        ("/projects", {"community_code": DONGJIANG, "title": "东江", "plan": PLAN}),
        ("/entry-permits", PERMIT),
        (f"/emergencies/{DONGJIANG}", EMERGENCY),
        (f"/funds/{DONGJIANG}/payments", {"pot": "a\0", "purpose": "other", "payee": "甲", "amount_fen": 1}),
        (f"/work-orders/{DONGJIANG}/{NOTHING}/assignment", {"contractor": "甲", "pot": "a\0"}),
        (f"/shared-spaces/{DONGJIANG}/{NOTHING}/costs", COST),
        (f"/acceptances/{DONGJIANG}", {"project_type": "integrated", "rubric": "a\0"}),
        ("/acceptance-rubrics", {"area_code": "330281", "rubric": {**RUBRIC, "code": "a\0"}}),
        ("/acceptance-rubrics", {"area_code": "330281", "rubric": {**RUBRIC, "assessors_min": 10**12}}),
    ]
    for path, body in posted:
        refused = await api.post(path, YUYAO_OFFICIAL, body)
        assert (path, refused.status_code, _kind(refused.json())) == (path, 422, "malformed-request")
    for path, query in (
        (f"/contracts/{NOTHING}/kpis/20٢٦-11", {}),
        ("/anomalies", {"area": "330281", "since": "0001-01-01"}),
        ("/cockpit/330281", {"last": "0001-01-01"}),
    ):
        refused = await api.get(path, YUYAO_OFFICIAL, **query)
        assert (path, refused.status_code, _kind(refused.json())) == (path, 422, "malformed-request")
    own = await api.post("/acceptance-rubrics", YUYAO_OFFICIAL, {"area_code": "330281", "rubric": RUBRIC})
    assert own.status_code == 201


def _kind(problem: dict[str, Any]) -> str:
    return str(problem["type"]).rpartition("/")[2]


async def test_a_contract_without_end_is_refused(api: ServiceClient) -> None:
    provider_id = await register_over_http(api)
    agreed = terms(uuid.UUID(provider_id), ends_on="9999-12-31").model_dump(mode="json")
    refused = await api.post("/contracts", YUYAO_OFFICIAL, {"community_code": DONGJIANG, "terms": agreed})
    assert (refused.status_code, _kind(refused.json())) == (422, "contract-terms-contradict")
