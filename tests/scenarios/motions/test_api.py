"""A motion through HTTP, from the first wish to the recount file."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, CONSENT, DESK, NEXT_DESK, OPERATOR, resident

ONE, TWO = uuid.uuid4(), uuid.uuid4()
EVIDENCE = {"纪要": "2027-8"}


def kind(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rsplit("/", 1)[1]


def own(one: uuid.UUID, **more: object) -> dict[str, Any]:
    return {"resident_id": str(one), "channel": "app", **more}


async def opened(api: ServiceClient) -> str:
    body = {"community_code": COMMUNITY, "title": "口袋公园", "description": "怎么用 20 万元"}
    made = await api.post("/motions", OPERATOR, body)
    assert made.status_code == 201
    return f"/motions/{made.json()['id']}"


async def end(api: ServiceClient, path: str, stage: str) -> dict[str, Any]:
    ended = await api.post(f"{path}/stage", DESK, {"stage": stage, "summary": "已公示", "evidence": EVIDENCE})
    return dict(ended.json())


async def at_vote(api: ServiceClient) -> str:
    path = await opened(api)
    said = await api.post(f"{path}/contributions", resident(ONE), own(ONE, text="要滑梯", evidence={"照片": "3"}))
    assert said.status_code == 201
    answered = await api.post(f"{path}/contributions/{said.json()['id']}/answer", DESK, {"text": "列入选项"})
    assert answered.status_code == 201
    assert (await end(api, path, "wishes"))["stage"] == "design"
    now = datetime.now(UTC)
    poll = {
        "kind": "budget",
        "budget_fen": 20_000_000,
        "options": [{"key": "滑梯", "cost_fen": 12_000_000}, {"key": "凉亭", "cost_fen": 9_000_000}],
        "opens_at": (now + timedelta(hours=1)).isoformat(),
        "closes_at": (now + timedelta(hours=2)).isoformat(),
        "roll": [{"resident_id": str(ONE)}, {"resident_id": str(TWO)}],
    }
    twice = [{"resident_id": str(ONE), "area_dm2": area} for area in (9_000, 5_000)]  # whose sum counts, not the last
    assert (await api.post(f"{path}/poll", OPERATOR, {**poll, "roll": twice})).status_code == 422
    prepared = await api.post(f"{path}/poll", OPERATOR, poll)
    assert (prepared.status_code, prepared.json()["electors"]) == (201, 2)
    assert (await end(api, path, "design"))["stage"] == "vote"
    return path


async def shift(api: ServiceClient, hours: int) -> None:
    """Let time pass for the poll."""
    owner = await asyncpg.connect(api.database.owner)
    hour = timedelta(hours=hours)
    await owner.execute("UPDATE poll SET opens_at = opens_at - $1::interval, closes_at = closes_at - $1", hour)
    await owner.close()


async def test_a_participatory_budget_from_wish_to_recount(api: ServiceClient) -> None:
    path = await at_vote(api)
    ballot = own(ONE, choices=["滑梯", "凉亭"], blind="4f7d1c09a2b34e55")
    early = await api.post(f"{path}/ballots", resident(ONE), ballot)
    assert (early.status_code, kind(early.json())) == (409, "poll-not-open")
    await shift(api, 1)
    assert (await api.post(f"{path}/ballots", resident(ONE), ballot)).status_code == 201
    paper = {**own(TWO, choices=["凉亭"], blind="9aa31c09a2b34e55"), "channel": "paper", "consent": CONSENT}
    assert (await api.post(f"{path}/ballots", DESK, paper)).status_code == 201
    twice = await api.post(f"{path}/ballots", DESK, {**paper, "channel": "visit"})
    assert (twice.status_code, kind(twice.json())) == (409, "already-voted")
    spoilt = await api.post(f"{path}/ballots", DESK, {**paper, "choices": ["喷泉"]})
    assert (spoilt.status_code, kind(spoilt.json())) == (422, "ballot-spoilt")
    before = (await api.get(f"{path}/poll", resident(ONE))).json()
    assert (before["turnout"], before["result"]) == ({"app": 1, "paper": 1}, None)
    assert (await api.get(f"{path}/recount", DESK)).json()["papers"] == []
    await shift(api, 1)
    counted = (await api.post(f"{path}/count", DESK)).json()
    assert counted["result"]["winners"] == ["凉亭"]  # the slide no longer fits
    recount = (await api.get(f"{path}/recount", resident(TWO))).json()
    assert sorted(len(one["choices"]) for one in recount["papers"]) == [1, 2]
    assert str(ONE) not in str(recount)
    assert (await end(api, path, "vote"))["stage"] == "supervision"
    history = (await api.get(path, resident(TWO))).json()
    assert [one["stage"] for one in history["records"]] == ["wishes", "design", "vote"]
    assert history["contributions"][0]["answer"]["text"] == "列入选项"
    assert str(ONE) not in str(history)


async def test_refusals_say_what_to_do(api: ServiceClient) -> None:
    path = await opened(api)
    assert kind(await end(api, path, "wishes")) == "stage-unfinished"
    assert kind(await end(api, path, "vote")) == "not-at-this-stage"
    unnamed = await api.post(f"{path}/contributions", resident(ONE), own(ONE, text="要滑梯", evidence={"\0": "3"}))
    assert (unnamed.status_code, kind(unnamed.json())) == (422, "malformed-request")
    said = await api.post(f"{path}/contributions", resident(ONE), own(ONE, text="要滑梯"))
    assert kind(await end(api, path, "wishes")) == "answers-owed"
    answer = f"{path}/contributions/{said.json()['id']}/answer"
    assert (await api.post(answer, DESK, {"text": "列入"})).status_code == 201
    again = await api.post(answer, DESK, {"text": "再说"})
    assert (again.status_code, kind(again.json())) == (409, "already-answered")
    unknown = await api.post(f"{path}/contributions/{ONE}/answer", DESK, {"text": "列入"})
    assert (unknown.status_code, kind(unknown.json())) == (404, "contribution-unseen")
    nothing = await api.get(f"/motions/{ONE}", DESK)
    assert (nothing.status_code, kind(nothing.json())) == (404, "motion-unseen")
    assert (await api.get(f"{path}/poll", DESK)).status_code == 409
    listed = (await api.get("/motions", resident(ONE), community_code=COMMUNITY)).json()["items"]
    assert [f"/motions/{one['id']}" for one in listed] == [path]


async def test_who_has_no_say_is_refused(api: ServiceClient) -> None:
    path = await opened(api)
    body = {"community_code": COMMUNITY, "title": "口袋公园", "description": "怎么用"}
    assert (await api.post("/motions", NEXT_DESK, body)).status_code == 403
    end_body = {"stage": "wishes", "summary": "已公示", "evidence": EVIDENCE}
    assert (await api.post(f"{path}/stage", NEXT_DESK, end_body)).status_code == 403
    elsewhere = resident(TWO, "330281003012")
    assert (await api.post(f"{path}/contributions", elsewhere, own(TWO, text="我也想"))).status_code == 403
    assert (await api.post(f"{path}/count", NEXT_DESK)).status_code == 403
    assert (await api.post(f"{path}/contributions/{ONE}/answer", NEXT_DESK, {"text": "列入"})).status_code == 403
