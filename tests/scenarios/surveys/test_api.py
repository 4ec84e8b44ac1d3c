"""From a demand survey to the scene that answers it, and satisfaction over all modes, through HTTP."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from shared.identity import Identity
from tests.ground import ServiceClient, identity
from tests.scenarios.people import COMMUNITY, CONSENT, DESK, NEXT_DESK, OPERATOR, resident

SECOND_CLERK = identity("staff:second", ("desk", COMMUNITY))
OVERALL = {"key": "总体", "text": "总体满意吗", "kind": "scale", "overall": True}
WISH = {"key": "需要", "text": "最需要什么", "kind": "choice", "options": {"食堂": 11, "托育": 4}, "most": 2}


def kind(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rsplit("/", 1)[1]


async def published(api: ServiceClient, what: str, households: int = 8, more: Sequence[object] = ()) -> dict[str, Any]:
    now = datetime.now(UTC)
    body = {
        "community_code": COMMUNITY,
        "kind": what,
        "title": "2027 年居民调研",
        "questions": [OVERALL, WISH, *more] if what == "satisfaction" else [WISH],
        "strata": {"一幢": households // 2, "二幢": households // 2},
        "opens_at": (now - timedelta(hours=1)).isoformat(),
        "closes_at": (now + timedelta(hours=1)).isoformat(),
    }
    made = await api.post("/surveys", OPERATOR, body)
    assert made.status_code == 201, made.text
    return dict(made.json())


def response(survey: dict[str, Any], one: uuid.UUID, channel: str, **answers: object) -> dict[str, Any]:
    own = {"resident_id": str(one), "channel": channel, "instrument": survey["instrument"]}
    consent = {} if channel in {"app", "web", "kiosk"} else {"consent": CONSENT}
    return {**own, **consent, "household_id": str(one), "stratum": "一幢", "answers": answers}


async def respond(
    api: ServiceClient, survey: dict[str, Any], body: dict[str, Any], who: Identity | None = None
) -> httpx.Response:
    assisted = who or (DESK if "consent" in body else resident(uuid.UUID(body["resident_id"])))
    path = "paper-entries" if body["channel"] == "paper" else "responses"
    return await api.post(f"/surveys/{survey['id']}/{path}", assisted, body)


async def close(api: ServiceClient) -> None:
    owner = await asyncpg.connect(api.database.owner)
    await owner.execute("UPDATE survey SET closes_at = now()")
    await owner.close()


@pytest.mark.proves("S14")
async def test_what_residents_want_is_traced_to_its_scene_and_their_judgement_is_weighed(api: ServiceClient) -> None:
    demand = await published(api, "demand")
    for one, wanted in (("app", ["食堂"]), ("phone", ["食堂", "托育"]), ("visit", ["食堂"])):
        assert (await respond(api, demand, response(demand, uuid.uuid4(), one, 需要=wanted))).status_code == 201
    early = await api.post(f"/surveys/{demand['id']}/needs", DESK)
    assert (early.status_code, kind(early.json())) == (409, "survey-still-open")
    satisfaction = await published(api, "satisfaction")
    for number, channel in enumerate(["app", "web", "desk", "visit", "paper"]):
        body = response(satisfaction, uuid.uuid4(), channel, 总体=5 if number else 4, 需要=["托育"])
        body["stratum"] = "一幢" if number < 3 else "二幢"
        assert (await respond(api, satisfaction, body)).status_code == 201
        if channel == "paper":
            assert (await respond(api, satisfaction, body, SECOND_CLERK)).json()["counted"]
    await close(api)

    needs = (await api.post(f"/surveys/{demand['id']}/needs", DESK)).json()["items"]
    again = (await api.post(f"/surveys/{demand['id']}/needs", OPERATOR)).json()["items"]
    assert again == needs
    assert [(one["option"], one["votes"], one["rank"], one["scene"]) for one in needs] == [
        ("食堂", 3, 1, "health"),
        ("托育", 1, 2, "education"),
    ]
    canteen = await api.post(
        "/facilities", DESK, {"community_code": COMMUNITY, "kind": "elder-canteen", "name": "食堂"}
    )
    link = {"kind": "facility", "answer_id": canteen.json()["id"]}
    assert (await api.post(f"/needs/{needs[0]['id']}/answers", DESK, link)).status_code == 201
    traced = (await api.get("/needs", resident(uuid.uuid4()), community_code=COMMUNITY)).json()["items"][0]
    assert (traced["survey_id"], traced["answers"][0]["answer_id"]) == (demand["id"], canteen.json()["id"])

    result = (await api.get(f"/surveys/{satisfaction['id']}/result", OPERATOR)).json()
    assert result["channels"] == {"app": 1, "desk": 1, "paper": 1, "visit": 1, "web": 1}
    found = result["satisfaction"]
    assert (found["answers"], found["households"], found["households_answered"]) == (5, 8, 5)
    assert found["mean_milli"] == 4_833  # (14/3 + 5) / 2
    assert found["low_milli"] < 4_833 < found["high_milli"]
    assert (found["enough_households"], found["satisfied"], found["passed"]) == (True, True, True)


async def test_paper_counts_when_two_clerks_have_read_the_same(api: ServiceClient) -> None:
    survey = await published(api, "satisfaction")
    one = uuid.uuid4()
    read = response(survey, one, "paper", 总体=3, 需要=["食堂"])
    misread = response(survey, one, "paper", 总体=5, 需要=["食堂"])
    first = (await respond(api, survey, read)).json()
    assert first == {"counted": False, "entries": 1, "differing": []}
    assert (await respond(api, survey, read)).json() == first  # one clerk twice is not two
    assert (await respond(api, survey, misread, SECOND_CLERK)).json() == {
        "counted": False, "entries": 2, "differing": ["总体"],
    }  # fmt: skip
    assert (await respond(api, survey, read, SECOND_CLERK)).json() == {"counted": True, "entries": 2, "differing": []}
    third = await respond(api, survey, read)
    assert (third.status_code, kind(third.json())) == (409, "already-responded")
    alone = await api.post(f"/surveys/{survey['id']}/responses", DESK, read)
    assert (alone.status_code, kind(alone.json())) == (422, "enter-on-paper-twice")


async def test_a_question_may_be_called_what_the_form_asks_besides(api: ServiceClient) -> None:
    household = {**OVERALL, "key": "household", "overall": False}
    survey = await published(api, "satisfaction", more=[household])
    one = uuid.uuid4()
    read, misread = (response(survey, one, "paper", 总体=3, 需要=["食堂"], household=score) for score in (1, 5))
    await respond(api, survey, read)
    assert (await respond(api, survey, misread, SECOND_CLERK)).json()["differing"] == ["household"]
    other = await respond(api, survey, {**read, "household_id": str(uuid.uuid4())}, SECOND_CLERK)
    assert (other.json()["counted"], other.json()["differing"]) == (False, ["household"])


async def test_only_what_came_on_paper_is_entered_from_paper(api: ServiceClient) -> None:
    survey = await published(api, "satisfaction")
    one = uuid.uuid4()
    for channel, who in (("app", resident(one)), ("phone", DESK)):
        body = response(survey, one, channel, 总体=3, 需要=["食堂"])
        refused = await api.post(f"/surveys/{survey['id']}/paper-entries", who, body)
        assert (refused.status_code, kind(refused.json())) == (422, "channel-not-allowed")


async def test_a_rush_of_clerks_and_channels_is_one_answer(api: ServiceClient) -> None:
    survey = await published(api, "satisfaction")
    one = uuid.uuid4()
    clerks = [identity(f"staff:{number}", ("desk", COMMUNITY)) for number in range(16)]
    paper = response(survey, one, "paper", 总体=3, 需要=["食堂"])
    own = response(survey, one, "app", 总体=4, 需要=["食堂"])
    tried = await asyncio.gather(
        *(respond(api, survey, paper, clerk) for clerk in clerks), *(respond(api, survey, own) for _ in range(16))
    )
    counted = [answer for answer in tried if answer.status_code == 201 and answer.json().get("counted", True)]
    assert len(counted) == 1
    result = (await api.get(f"/surveys/{survey['id']}/result", OPERATOR)).json()
    assert result["satisfaction"]["answers"] == 1


async def test_a_frozen_instrument_takes_its_own_answers_alone(api: ServiceClient) -> None:
    survey = await published(api, "satisfaction")
    owner = await asyncpg.connect(api.database.app)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await owner.execute("UPDATE survey SET questions = '[]'")
    await owner.close()
    one = uuid.uuid4()
    right = response(survey, one, "app", 总体=4, 需要=["食堂"])
    for wrong, reason in (
        ({**right, "instrument": "0" * 64}, "instrument-changed"),
        ({**right, "stratum": "九幢"}, "stratum-unknown"),
        ({**right, "answers": {"总体": 9, "需要": ["食堂"]}}, "answers-inadmissible"),
    ):
        assert kind((await respond(api, survey, wrong)).json()) == reason
    elsewhere = await respond(api, survey, right, resident(one, "330281003012"))
    assert (elsewhere.status_code, kind(elsewhere.json())) == (403, "out-of-scope")
    await close(api)
    assert kind((await respond(api, survey, right)).json()) == "survey-not-open"


async def test_refusals_of_staff(api: ServiceClient) -> None:
    survey = await published(api, "demand")
    nothing = uuid.uuid4()
    sound = {name: survey[name] for name in survey if name not in {"id", "instrument"}}
    twice = await api.post("/surveys", OPERATOR, {**sound, "questions": [WISH, WISH]})
    assert (twice.status_code, kind(twice.json())) == (422, "instrument-inadmissible")
    for ends in (sound["opens_at"], "2000-01-01T00:00:00Z"):
        never = await api.post("/surveys", OPERATOR, {**sound, "closes_at": ends})
        assert (never.status_code, kind(never.json())) == (422, "malformed-request")
    assert (await api.post("/surveys", NEXT_DESK, sound)).status_code == 403
    assert (await api.get(f"/surveys/{survey['id']}/result", NEXT_DESK)).status_code == 403
    assert (await api.post(f"/surveys/{survey['id']}/needs", NEXT_DESK)).status_code == 403
    assert kind((await api.get(f"/surveys/{nothing}", OPERATOR)).json()) == "survey-unseen"
    link = {"kind": "space", "answer_id": str(nothing)}
    assert kind((await api.post(f"/needs/{nothing}/answers", DESK, link)).json()) == "need-unseen"
    await respond(api, survey, response(survey, uuid.uuid4(), "app", 需要=["食堂"]))
    await close(api)
    (need,) = (await api.post(f"/surveys/{survey['id']}/needs", DESK)).json()["items"]
    assert kind((await api.post(f"/needs/{need['id']}/answers", DESK, link)).json()) == "need-answer-unseen"
    assert (await api.post(f"/needs/{need['id']}/answers", NEXT_DESK, link)).status_code == 403
    listed = (await api.get("/surveys", DESK, community_code=COMMUNITY)).json()["items"]
    assert [one["id"] for one in listed] == [survey["id"]]
