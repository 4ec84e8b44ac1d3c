"""Reports over HTTP: who may see and do what, and that staff find them in their queue."""

import uuid

from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, CONSENT, DESK, NEXT_COMMUNITY, NEXT_DESK, OPERATOR, resident

RESIDENT = uuid.uuid4()
WHO = resident(RESIDENT)
BODY = {
    "community_code": COMMUNITY,
    "kind": "lighting",
    "place": "三号楼北侧",
    "text": "路灯不亮",
    "resident_id": str(RESIDENT),
    "channel": "app",
}


async def test_a_report_is_seen_by_its_resident_and_staff_and_waits_in_their_queue(api: ServiceClient) -> None:
    made = await api.post("/reports", WHO, BODY)
    assert made.status_code == 201
    path = f"/reports/{made.json()['id']}"
    assert (await api.get(path, WHO)).json() == (await api.get(path, DESK)).json() == made.json()
    for other in (resident(uuid.uuid4()), NEXT_DESK):
        assert (await api.get(path, other)).status_code == 404
    (item,) = (await api.get("/work", DESK, community_code=COMMUNITY)).json()["items"]
    assert (item["kind"], item["path"]) == ("report", f"{path}/resolution")
    listed = (await api.get("/reports", OPERATOR, community_code=COMMUNITY)).json()["items"]
    assert [each["id"] for each in listed] == [made.json()["id"]]
    assert (await api.get("/reports", WHO, community_code=COMMUNITY)).status_code == 403
    closed = await api.post(f"{path}/resolution", DESK, {"outcome": "已更换灯泡"})
    assert (closed.status_code, closed.json()["state"]) == (201, "closed")
    assert (await api.get(path, WHO)).json()["outcome"] == "已更换灯泡"
    assert (await api.get("/work", DESK, community_code=COMMUNITY)).json()["items"] == []


async def test_who_may_not_report_or_hand_over_is_refused(api: ServiceClient) -> None:
    for body, who, status, kind in (
        (BODY | {"community_code": NEXT_COMMUNITY}, WHO, 403, "out-of-scope"),
        (BODY, resident(uuid.uuid4()), 403, "out-of-scope"),
        (BODY | {"channel": "phone"}, WHO, 422, "channel-not-allowed"),
        (BODY | {"channel": "phone"}, DESK, 422, "consent-missing"),
    ):
        refused = await api.post("/reports", who, body)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (status, kind)
    made = await api.post("/reports", DESK, BODY | {"channel": "phone", "consent": CONSENT})
    path = f"/reports/{made.json()['id']}"
    for step, body in (("hand-over", {}), ("resolution", {"outcome": "无"})):
        for who in (WHO, NEXT_DESK):
            assert (await api.post(f"{path}/{step}", who, body)).status_code == 404
    handed = await api.post(f"{path}/hand-over", DESK, {"text": "路灯不亮，电话13800001234"})
    assert handed.json()["hand_over"]["text"] == "路灯不亮，电话***"
    assert (await api.post(f"{path}/hand-over", DESK, {})).status_code == 409
    assert (await api.post(f"{path}/resolution", DESK, {"outcome": "无"})).status_code == 409
