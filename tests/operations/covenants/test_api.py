"""Three lists, matched into covenants."""

import asyncio
import uuid
from typing import Any

import pytest

from services.operations.covenants.rules import SignatureRefused, check_signature
from tests.ground import ServiceClient, identity
from tests.operations.ground import DONGJIANG, JINFENG, QINGBOMEN, RESIDENT, SHANGCHENG_OFFICIAL, YUYAO_OFFICIAL

DESK = identity("staff:zhou", ("desk", DONGJIANG))
SCHOOL = identity("staff:lin", ("desk", JINFENG))


def entry(kind: str, quantity: int = 10, **changes: object) -> dict[str, Any]:
    return {
        "kind": kind,
        "category": "tutoring",
        "title": "四点半课堂",
        "party": "余姚实验学校",
        "unit": "课时",
        "quantity": quantity,
        "first_day": "2026-11-01",
        "last_day": "2026-12-31",
        **changes,
    }


async def entered(api: ServiceClient, code: str, body: dict[str, Any]) -> str:
    answer = await api.post(f"/lists/{code}", YUYAO_OFFICIAL, body)
    assert answer.status_code == 201, answer.text
    entry_id: str = answer.json()["id"]
    return entry_id


@pytest.fixture
async def need(api: ServiceClient) -> str:
    """Enter a need of ten hours in 东江; returns its id."""
    for code in (DONGJIANG, JINFENG):
        await api.post("/communities", YUYAO_OFFICIAL, {"code": code})
    return await entered(api, DONGJIANG, entry("need"))


async def proposal(api: ServiceClient, need: str, resource: str, quantity: int = 10) -> dict[str, Any]:
    project = await entered(api, DONGJIANG, entry("project", 1))
    return {
        "need_id": need,
        "resource_community_code": JINFENG,
        "resource_id": resource,
        "project_id": project,
        "quantity": quantity,
    }


@pytest.mark.proves("O17")
async def test_a_need_is_matched_with_a_resource_in_a_covenant_that_both_sides_sign(
    api: ServiceClient, need: str
) -> None:
    near = await entered(api, DONGJIANG, entry("resource", 4))
    enough = await entered(api, JINFENG, entry("resource", 12))
    plenty = await entered(api, JINFENG, entry("resource", 500))
    for unfit in ({"category": "canteen"}, {"unit": "餐"}, {"first_day": "2027-01-01", "last_day": "2027-02-01"}):
        await entered(api, JINFENG, entry("resource", 50, **unfit))
    matches = (await api.get(f"/needs/{DONGJIANG}/{need}/matches", DESK)).json()
    assert [one["id"] for one in matches] == [near, enough, plenty]  # near, then enough with the least left over
    covenant = (await api.post(f"/covenants/{DONGJIANG}", DESK, await proposal(api, need, enough))).json()
    path = f"/covenants/{DONGJIANG}/{covenant['id']}"
    assert (covenant["state"], covenant["signatures"]) == ("proposed", {})
    # The resource's side is signed by its own people; nobody signs for both.
    assert (await api.post(f"{path}/signatures", DESK, {"side": "resource"})).status_code == 403
    assert (await api.post(f"{path}/signatures", DESK, {"side": "need"})).json()["state"] == "proposed"
    assert (await api.post(f"{path}/signatures", SCHOOL, {"side": "resource"})).json()["state"] == "in_force"
    seen = (await api.get(path, RESIDENT)).json()
    assert seen["signatures"] == {"need": "staff:zhou", "resource": "staff:lin"}
    for kind, promised in (("need", {10}), ("resource", {0, 10})):
        page = (await api.get(f"/lists/330281/{kind}", RESIDENT)).json()
        assert {one["promised"] for one in page["items"]} == promised
    assert (await api.get(f"/needs/{DONGJIANG}/{need}/matches", DESK)).status_code == 200
    # A space that both use costs both, by a key, without a residue.
    key = {DONGJIANG: 2, JINFENG: 1}
    space = await api.post(
        f"/shared-spaces/{DONGJIANG}", YUYAO_OFFICIAL, {"name": "邻里书房", "basis": "户数", "cost_key": key}
    )
    costs = f"/shared-spaces/{DONGJIANG}/{space.json()['id']}/costs"
    split = (await api.post(costs, YUYAO_OFFICIAL, {"month": "2026-11", "amount_fen": 100})).json()
    assert split["shares"] == {DONGJIANG: 67, JINFENG: 33}


async def test_what_is_withdrawn_is_open_again_and_what_is_in_force_stays(api: ServiceClient, need: str) -> None:
    resource = await entered(api, JINFENG, entry("resource", 12))
    body = await proposal(api, need, resource)
    first = (await api.post(f"/covenants/{DONGJIANG}", DESK, body)).json()
    again = await api.post(f"/covenants/{DONGJIANG}", DESK, body)
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "list-entry-not-enough-left")
    path = f"/covenants/{DONGJIANG}/{first['id']}"
    assert (await api.post(f"{path}/withdrawal", DESK)).json()["state"] == "withdrawn"
    late = await api.post(f"{path}/signatures", DESK, {"side": "need"})
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "covenant-signature-refused")
    second = (await api.post(f"/covenants/{DONGJIANG}", DESK, body)).json()
    path = f"/covenants/{DONGJIANG}/{second['id']}"
    await api.post(f"{path}/signatures", YUYAO_OFFICIAL, {"side": "need"})
    both = await api.post(f"{path}/signatures", YUYAO_OFFICIAL, {"side": "resource"})
    assert both.status_code == 409
    await api.post(f"{path}/signatures", SCHOOL, {"side": "resource"})
    assert (await api.post(f"{path}/withdrawal", DESK)).status_code == 409


async def test_32_proposals_at_once_promise_no_more_than_there_is(api: ServiceClient, need: str) -> None:
    resource = await entered(api, JINFENG, entry("resource", 7))
    body = await proposal(api, need, resource, 1)
    answers = await asyncio.gather(*(api.post(f"/covenants/{DONGJIANG}", DESK, body) for _ in range(32)))
    assert sorted(answer.status_code for answer in answers) == [201] * 7 + [409] * 25


def test_a_side_signs_once_and_a_hand_for_one_side() -> None:
    assert check_signature("proposed", [], "need", "staff:a") is False
    assert check_signature("proposed", [("need", "staff:a")], "resource", "staff:b") is True
    for state, signed, side, by in (
        ("in_force", [], "need", "staff:a"),
        ("proposed", [("need", "staff:a")], "need", "staff:b"),
        ("proposed", [("need", "staff:a")], "resource", "staff:a"),
    ):
        with pytest.raises(SignatureRefused):
            check_signature(state, signed, side, by)  # type: ignore[arg-type]


async def test_refusals(api: ServiceClient, need: str) -> None:
    canteen = await entered(api, JINFENG, entry("resource", 50, category="canteen"))
    body = await proposal(api, need, canteen)
    nothing = str(uuid.uuid4())
    for path, who, sent, status, kind in (
        (f"/lists/{QINGBOMEN}", SHANGCHENG_OFFICIAL, entry("need"), 409, "community-not-registered"),
        (f"/lists/{DONGJIANG}", RESIDENT, entry("need"), 403, "out-of-scope"),
        (f"/covenants/{DONGJIANG}", DESK, body, 422, "list-entries-do-not-fit"),
        (f"/covenants/{DONGJIANG}", DESK, {**body, "resource_id": nothing}, 404, "list-entry-unseen"),
        (f"/covenants/{DONGJIANG}/{nothing}/withdrawal", DESK, None, 404, "covenant-unseen"),
    ):
        answer = await api.post(path, who, sent)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind), answer.text
    backwards = entry("need", first_day="2027-01-01")
    assert (await api.post(f"/lists/{DONGJIANG}", DESK, backwards)).status_code == 422
    assert (await api.get("/lists/330281/need", RESIDENT, cursor="nonsense")).status_code == 422
