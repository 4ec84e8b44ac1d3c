"""Emergency mode through HTTP."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.ground import ServiceClient, identity
from tests.scenarios.people import COMMUNITY, DESK, NEXT_DESK, OPERATOR

OFFICIAL = identity("staff:official", ("official", COMMUNITY[:6]))


def kind(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rsplit("/", 1)[1]


async def test_from_the_draft_to_standing_down(api: ServiceClient) -> None:
    hours = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]
    space = {"community_code": COMMUNITY, "name": "体育馆", "opening_hours": hours, "slot_minutes": 30}
    gym = (await api.post("/spaces", OPERATOR, {**space, "longest_minutes": 60})).json()["id"]
    body = {
        "community_code": COMMUNITY, "name": "防台风", "takeover": [gym], "essential": [], "refuges": [],
        "care": [str(uuid.uuid4())], "supplies": {"饮用水": 40}, "broadcast": "请勿外出", "compensation": "优先预约",
    }  # fmt: skip
    twofold = await api.post("/emergency-plans", OPERATOR, {**body, "essential": [gym]})
    assert (twofold.status_code, kind(twofold.json())) == (422, "plan-inadmissible")
    assert (await api.post("/emergency-plans", DESK, body)).status_code == 403
    plan = (await api.post("/emergency-plans", OPERATOR, body)).json()
    path = f"/emergency-plans/{plan['id']}"
    reason = {"reason": "台风", "until": (datetime.now(UTC) + timedelta(days=2)).isoformat()}
    early = await api.post(f"{path}/declaration", OFFICIAL, reason)
    assert (early.status_code, kind(early.json())) == (409, "plan-not-approved")
    alone = await api.post(f"{path}/approval", OPERATOR)
    assert (alone.status_code, kind(alone.json())) == (409, "two-persons-needed")
    assert (await api.post(f"{path}/approval", OFFICIAL)).json()["approved_by"] == OFFICIAL.subject
    drill = (await api.post(f"{path}/rehearsal", OFFICIAL, reason)).json()
    assert (drill["restored"], len(drill["tasks"])) == (True, 2)
    past = {**reason, "until": "2020-01-01T00:00:00Z"}
    assert (await api.post(f"{path}/declaration", OFFICIAL, past)).status_code == 422
    real = (await api.post(f"{path}/declaration", OFFICIAL, reason)).json()
    again = await api.post(f"{path}/declaration", OFFICIAL, reason)
    assert (again.status_code, kind(again.json())) == (409, "emergency-state")
    owed = (await api.get("/work", DESK, community_code=COMMUNITY)).json()["items"]
    assert sorted(one["title"] for one in owed) == ["care-visit", "supplies · 饮用水"]  # whom, is said by the emergency
    done = await api.post(f"/emergency-tasks/{real['tasks'][0]['id']}/completion", DESK)
    assert done.json()["done_at"]
    here = f"/emergencies/{real['id']}"
    assert (await api.get(here, NEXT_DESK)).status_code == 404
    assert (await api.get(here, DESK)).json()["ended_at"] is None
    assert (await api.post(f"{here}/end", DESK)).status_code == 403
    assert (await api.post(f"{here}/end", OFFICIAL)).json()["ended_at"]
    nothing = await api.post(f"/emergency-plans/{uuid.uuid4()}/approval", OFFICIAL)
    assert (nothing.status_code, kind(nothing.json())) == (404, "plan-unseen")
