"""A season is applied for, drawn by itself, explained to each applicant, and booked."""

import asyncio
import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from services.scenarios.worker import JOBS
from shared.database import Database
from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, CONSENT, DESK, NEXT_DESK, OPERATOR, resident, tomorrow

DRAW = next(job for job in JOBS if job.name == "draw-rounds")


def kind(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).rsplit("/", 1)[1]


async def space(api: ServiceClient) -> str:
    hours = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]
    body = {"community_code": COMMUNITY, "name": "舞蹈室", "opening_hours": hours, "slot_minutes": 30}
    return str((await api.post("/spaces", OPERATOR, {**body, "longest_minutes": 120})).json()["id"])


async def publish(api: ServiceClient, method: str = "deferred-acceptance", **changed: object) -> httpx.Response:
    where, now = await space(api), datetime.now(UTC)
    slots = [
        {
            "space_id": where,
            "starts_at": start.isoformat(),
            "ends_at": end.isoformat(),
            "rule": "FREQ=WEEKLY;COUNT=4",
            "priorities": priorities,
        }
        for (start, end), priorities in ((tomorrow(9), ["elder"]), (tomorrow(19), []))
    ]
    times = {"opens_at": (now - timedelta(minutes=1)).isoformat(), "closes_at": (now + timedelta(hours=1)).isoformat()}
    body = {"community_code": COMMUNITY, "title": "春季舞蹈室", "method": method, "slots": slots, **times}
    return await api.post("/rounds", OPERATOR, {**body, **changed})


async def ask(
    api: ServiceClient, made: dict[str, Any], one: uuid.UUID, choices: list[int], category: str = "general"
) -> httpx.Response:
    elder = category == "elder"
    body = {"resident_id": str(one), "category": category, "choices": choices, "channel": "desk" if elder else "app"}
    consent = {"consent": CONSENT} if elder else {}
    return await api.post(f"/rounds/{made['id']}/applications", DESK if elder else resident(one), {**body, **consent})


async def draw(api: ServiceClient, made: dict[str, Any]) -> None:
    """Let the round close, and several workers draw it."""
    owner = await asyncpg.connect(api.database.owner)
    await owner.execute("UPDATE allocation_round SET closes_at = now() WHERE id = $1", uuid.UUID(made["id"]))
    await owner.close()
    database = Database(api.database.app, name="test", pool_size=4)
    await asyncio.gather(*(DRAW.run(database) for _ in range(4)), return_exceptions=True)
    await DRAW.run(database)
    await database.close()


@pytest.mark.proves("S11")
@pytest.mark.parametrize("method", ["lottery", "deferred-acceptance"])
async def test_a_season_is_drawn_from_a_seed_that_was_promised_and_each_learns_why(
    api: ServiceClient, method: str
) -> None:
    made = (await publish(api, method)).json()
    assert made["seed"] is None
    elder, others = uuid.uuid4(), [uuid.uuid4() for _ in range(5)]
    assert (await ask(api, made, others[0], [0])).status_code == 201
    for one in others:  # the first changes its mind
        assert (await ask(api, made, one, [0, 1])).status_code == 201
    assert (await ask(api, made, elder, [0], "elder")).status_code == 201
    assert kind(await api.get(f"/rounds/{made['id']}/allotments", DESK)) == (409, "allocation-round-not-drawn")
    await draw(api, made)
    drawn = (await api.get(f"/rounds/{made['id']}", resident(elder))).json()
    assert hashlib.sha256(drawn["seed"].encode()).hexdigest() == made["commitment"]
    tickets = {one: hashlib.sha256(f"{drawn['seed']}:{one}".encode()).hexdigest() for one in (elder, *others)}
    order = sorted(tickets, key=lambda one: tickets[one])
    if method == "deferred-acceptance":
        order.remove(elder)
        order.insert(0, elder)  # the morning is the elders' first
    expected = dict.fromkeys(tickets.values())
    winners = [order[0], next(one for one in order[1:] if one != elder)]
    expected |= {tickets[one]: slot for slot, one in enumerate(winners)}
    results = (await api.get(f"/rounds/{made['id']}/allotments", DESK)).json()["items"]
    assert {item["ticket"]: item["slot"] for item in results} == expected
    loser = next(one for one in others if expected[tickets[one]] is None)
    mine = (await api.get(f"/rounds/{made['id']}/allotments/{loser}", resident(loser))).json()
    assert [reason["outcome"] for reason in mine["reasons"]] == ["given-to-a-better-rank"] * 2
    assert all(reason["holder"] < reason["rank"] for reason in mine["reasons"])
    await booked(api, winners)


async def booked(api: ServiceClient, winners: list[uuid.UUID]) -> None:
    """Check that each winner, and nobody else, has its four weeks."""
    owner = await asyncpg.connect(api.database.owner)
    rows = await owner.fetch("SELECT resident_id, count(*) AS times FROM booking WHERE state = 'confirmed' GROUP BY 1")
    await owner.close()
    assert {row["resident_id"]: row["times"] for row in rows} == dict.fromkeys(winners, 4)


async def test_what_cannot_be_booked_any_more_is_noted_with_the_reason(api: ServiceClient) -> None:
    made = (await publish(api)).json()
    one = uuid.uuid4()
    await ask(api, made, one, [0])
    await api.post(f"/spaces/{made['slots'][0]['space_id']}/retirement", OPERATOR)
    await draw(api, made)
    owner = await asyncpg.connect(api.database.owner)
    assert await owner.fetchval("SELECT refused_because FROM round_booking") == "space-retired"
    await owner.close()


async def test_a_round_that_cannot_be_drawn_keeps_no_other_from_it(api: ServiceClient) -> None:
    spoilt, sound, one = (await publish(api)).json(), (await publish(api)).json(), uuid.uuid4()
    await ask(api, sound, one, [0])
    owner = await asyncpg.connect(api.database.owner)
    close = (
        "UPDATE allocation_round SET closes_at = now() - $2::interval, slots = coalesce($3::jsonb, slots) WHERE id = $1"
    )
    await owner.execute(close, uuid.UUID(spoilt["id"]), timedelta(seconds=30), "[{}]")
    await owner.execute(close, uuid.UUID(sound["id"]), timedelta(), None)
    await owner.close()
    database = Database(api.database.app, name="test", pool_size=1)
    with pytest.raises(ExceptionGroup, match="not done"):
        await DRAW.run(database)
    await database.close()
    await booked(api, [one])


async def test_who_may_not_and_what_cannot_be_is_refused(api: ServiceClient) -> None:
    made, one = (await publish(api)).json(), uuid.uuid4()
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    assert kind(await publish(api, closes_at=past)) == (422, "allocation-round-inadmissible")
    assert kind(await publish(api, community_code="330281003012")) == (422, "allocation-round-inadmissible")
    endless = [{**slot, "rule": "FREQ=WEEKLY"} for slot in made["slots"]]
    assert kind(await publish(api, slots=endless)) == (422, "recurrence-rule-inadmissible")
    reversed_ = [{**slot, "starts_at": slot["ends_at"], "ends_at": slot["starts_at"]} for slot in made["slots"]]
    assert kind(await publish(api, slots=reversed_)) == (422, "allocation-round-inadmissible")
    assert kind(await ask(api, made, one, [2])) == (422, "choices-inadmissible")
    body = {"resident_id": str(one), "choices": [0], "channel": "desk", "consent": CONSENT}
    assert (await api.post(f"/rounds/{made['id']}/applications", NEXT_DESK, body)).status_code == 403
    assert kind(await api.get(f"/rounds/{one}", DESK)) == (404, "allocation-round-unseen")
    await draw(api, made)
    assert kind(await ask(api, made, one, [0])) == (409, "allocation-round-closed")
    assert kind(await api.get(f"/rounds/{made['id']}/allotments/{one}", DESK)) == (409, "allocation-round-not-drawn")
    assert (await api.get(f"/rounds/{made['id']}/allotments/{one}", resident(uuid.uuid4()))).status_code == 403
