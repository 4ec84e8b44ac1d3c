"""The time bank over HTTP: who sees what, and where staff find a dispute."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from tests.ground import ServiceClient, identity
from tests.scenarios.people import COMMUNITY, DESK, OPERATOR, resident

GIVER, ELDER = uuid.uuid4(), uuid.uuid4()


def body(who: uuid.UUID, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"resident_id": str(who), "channel": "app", **more}


def request() -> dict[str, Any]:
    starts_at = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    help_wanted = {"service": "陪诊", "text": "取药", "starts_at": starts_at, "quarters": 8}
    return body(ELDER, community_code=COMMUNITY, side="request", **help_wanted)


@pytest.mark.proves("P37")
async def test_a_visit_is_told_to_its_parties_its_code_to_who_gets_help_and_a_dispute_to_staff(
    api: ServiceClient,
) -> None:
    made = await api.post("/help", resident(ELDER), request())
    assert made.status_code == 201
    listed = (await api.get("/help", resident(GIVER), community_code=COMMUNITY)).json()["items"]
    assert [each["id"] for each in listed] == [made.json()["id"]]
    assert str(ELDER) not in str(listed)
    visit = (await api.post(f"/help/{made.json()['id']}/agreement", resident(GIVER), body(GIVER))).json()
    path = f"/help-visits/{visit['id']}"
    assert (visit["state"], visit["code"]) == ("pledging", None)
    code = (await api.get(path, resident(ELDER))).json()["code"]
    assert (await api.get(path, resident(uuid.uuid4()))).status_code == 404
    admin = await asyncpg.connect(api.database.admin)
    await admin.execute("UPDATE help_visit SET state = 'pledged'")
    await admin.close()
    for step in ("check-in", "check-out"):
        done = await api.post(f"{path}/steps", resident(GIVER), body(GIVER, step=step, code=code))
        assert done.status_code == 201, done.text
    disputed = await api.post(f"{path}/steps", resident(ELDER), body(ELDER, step="dispute", reason="未到场"))
    assert disputed.json()["state"] == "disputed"
    (item,) = (await api.get("/work", DESK, community_code=COMMUNITY)).json()["items"]
    assert (item["kind"], item["path"]) == ("help", f"{path}/corrections")
    proposed = await api.post(f"{path}/corrections", OPERATOR, {"quarters": 0, "reason": "核实未到场"})
    number = proposed.json()["trail"][-1]["number"]
    second = identity("staff:second", ("desk", COMMUNITY))
    assert (await api.post(f"{path}/corrections/{2**63}/agreement", second)).status_code == 422
    corrected = await api.post(f"{path}/corrections/{number}/agreement", second)
    assert (corrected.json()["state"], corrected.json()["quarters"]) == ("confirmed", 0)
    assert (await api.get("/work", DESK, community_code=COMMUNITY)).json()["items"] == []
    assert (await api.post(f"{path}/corrections", resident(ELDER), {"quarters": 1, "reason": "x"})).status_code == 404


async def test_a_request_that_nobody_answered_is_withdrawn_by_its_resident_alone(api: ServiceClient) -> None:
    made = (await api.post("/help", resident(ELDER), request())).json()
    path = f"/help/{made['id']}/withdrawal"
    assert (await api.post(path, resident(GIVER), body(GIVER))).status_code == 404
    assert (await api.post(path, resident(ELDER), body(ELDER))).json()["state"] == "withdrawn"
    assert (await api.post(path, resident(ELDER), body(ELDER))).status_code == 409
