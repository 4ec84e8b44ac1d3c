"""The spaces that are free soonest, and why others are not, held against asking each space for itself."""

import random
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.scenarios.availability.queries import find_first_free, find_free
from services.scenarios.availability.rules import FIRST_FREE_MAX
from services.scenarios.bookings.book import Book, book
from services.scenarios.closures.close_space import CloseSpace, close_space
from services.scenarios.spaces.publish_space import PublishSpace, publish_space
from services.scenarios.spaces.rules import Terms
from services.scenarios.spaces.tables import Space
from shared.clock import Period
from shared.database import Database
from tests.ground import ServiceClient
from tests.scenarios.people import COMMUNITY, NOW, OPERATOR, clock, oneself, resident, tomorrow

HOUR = timedelta(hours=1)


async def take(database: Database, space: Space, period: Period) -> None:
    who = uuid.uuid4()
    async with database.transaction() as session:
        await book(session, Book(space.id, period, oneself(who), resident(who), NOW))


async def one_by_one(database: Database, spaces: list[Space], since: datetime) -> list[tuple[datetime, uuid.UUID]]:
    found: list[tuple[datetime, uuid.UUID]] = []
    for space in spaces:
        async with database.transaction() as session:
            free = await find_free(session, space.id, (since, since + timedelta(days=1)), NOW)
        starts = [start for start, end in free if end - start >= HOUR]
        found += [(starts[0], space.id)] if starts else []
    return sorted(found)


@pytest.mark.parametrize("candidates", [10, 12, 100])
async def test_it_finds_what_asking_each_space_would_find(
    database: Database, terms: Terms, monkeypatch: pytest.MonkeyPatch, candidates: int
) -> None:
    monkeypatch.setattr("services.scenarios.availability.queries.FIRST_CANDIDATES", candidates)
    chance = random.Random(20270301)  # noqa: S311 - a test's chance is to be the same each time
    spaces = []
    for n in range(30):
        own = replace(terms, slot_minutes=chance.choice((15, 30, 60)), buffer_minutes=chance.choice((0, 10)))
        async with database.transaction() as session:
            spaces.append(await publish_space(session, PublishSpace(COMMUNITY, f"室{n}", own, OPERATOR, NOW)))
    for space in spaces[1:]:
        for hour in chance.sample(range(8, 20), 7):
            await take(database, space, (clock(1, hour), clock(1, hour + 1))) if hour % 2 else None
    async with database.transaction() as session:
        await close_space(session, CloseSpace(spaces[0].id, (clock(1, 0), clock(9, 0)), "检修", OPERATOR, NOW))
    for since in (NOW, clock(1, 9, 10), clock(1, 12, 20), clock(1, 20, 50)):
        async with database.transaction() as session:
            found = await find_first_free(session, COMMUNITY, since, HOUR, function="base", now=NOW)
        naive = await one_by_one(database, spaces, since)
        assert [(period[0], offer.space_id) for offer, period in found] == naive[: len(found)]
        assert len(found) == min(FIRST_FREE_MAX, len([n for n in naive if n[0].date() == naive[0][0].date()]))


async def test_when_today_is_full_it_looks_further_and_at_last_says_none(database: Database, terms: Terms) -> None:
    async with database.transaction() as session:
        space = await publish_space(session, PublishSpace(COMMUNITY, "室", terms, OPERATOR, NOW))
        await close_space(session, CloseSpace(space.id, (clock(1, 0), clock(4, 9, 10)), "检修", OPERATOR, NOW))
        ((_, period),) = await find_first_free(session, COMMUNITY, NOW, HOUR, function="base", now=NOW)
        assert period == (clock(4, 9, 30), clock(4, 10, 30))
        assert await find_first_free(session, COMMUNITY, NOW, HOUR, function="market", now=NOW) == []
        assert await find_first_free(session, COMMUNITY, NOW, 5 * HOUR, function="base", now=NOW) == []


WHO = resident(uuid.uuid4())


async def publish(api: ServiceClient, name: str) -> str:
    hours = [{"weekday": day, "opens": "08:00", "closes": "22:00"} for day in range(1, 8)]
    terms = {"opening_hours": hours, "slot_minutes": 30, "buffer_minutes": 0, "longest_minutes": 120}
    answer = await api.post("/spaces", OPERATOR, {"community_code": COMMUNITY, "name": name, **terms})
    return str(answer.json()["id"])


async def bookability(api: ServiceClient, space: str, period: Period) -> tuple[bool, list[str]]:
    within = {"from": period[0].isoformat(), "to": period[1].isoformat()}
    answer = (await api.get(f"/spaces/{space}/bookability", WHO, **within)).json()
    return answer["bookable"], [reason["type"].rsplit("/", 1)[1] for reason in answer["reasons"]]


async def first(api: ServiceClient) -> list[tuple[str, datetime]]:
    asked: dict[str, str | int] = {"community_code": COMMUNITY, "from": tomorrow(7)[0].isoformat(), "minutes": 60}
    items = (await api.get("/first-free", WHO, **asked)).json()["items"]
    return [(item["name"], datetime.fromisoformat(item["starts_at"])) for item in items]


def times(period: Period) -> dict[str, str]:
    return {"starts_at": period[0].isoformat(), "ends_at": period[1].isoformat()}


async def declare_holiday(api: ServiceClient) -> None:
    official = replace(OPERATOR, roles=tuple(replace(role, role="official") for role in OPERATOR.roles))
    day = tomorrow(9)[0].date().isoformat()
    body = {"day": day, "kind": "holiday", "basis": "通知"}
    assert (await api.post("/calendar/days", official, body)).status_code == 201
    asked: dict[str, str | int] = {"from": day, "days": 1}
    listed = (await api.get("/calendar/days", WHO, **asked)).json()
    assert listed["items"] == [{"day": day, "kind": "holiday"}]


@pytest.mark.proves("S9")
async def test_opening_rules_closures_reasons_alternatives_and_the_soonest_through_http(api: ServiceClient) -> None:
    space, other = await publish(api, "会议室"), await publish(api, "书房")
    assert await bookability(api, space, tomorrow(9)) == (True, [])
    assert await bookability(api, space, tomorrow(7)) == (False, ["outside-opening-hours"])
    too_long = tomorrow(9, minutes=130)
    assert await bookability(api, space, too_long) == (False, ["period-too-long", "period-off-grid"])
    assert await first(api) == [("会议室", tomorrow(8)[0]), ("书房", tomorrow(8)[0])]
    closing = {**times(tomorrow(8, minutes=180)), "reason": "地面检修"}
    closed = await api.post(f"/spaces/{space}/closures", OPERATOR, closing)
    assert closed.status_code == 201
    assert await bookability(api, space, tomorrow(9)) == (False, ["outside-opening-hours", "space-closed"])
    assert await first(api) == [("书房", tomorrow(8)[0]), ("会议室", tomorrow(11)[0])]
    assert (await api.post(f"/closures/{closed.json()['id']}/lifting", OPERATOR)).status_code == 201
    await declare_holiday(api)
    body = {"space_id": space, "resident_id": WHO.subject.partition(":")[2], "channel": "app", **times(tomorrow(9))}
    assert (await api.post("/bookings", WHO, body)).status_code == 201
    assert await bookability(api, space, tomorrow(9)) == (False, ["slot-taken"])
    refused = await api.post("/bookings", WHO, body)
    assert refused.status_code == 409
    assert [one["space_id"] for one in refused.json()["alternatives"]["same_time"]] == [other]
    assert len(refused.json()["alternatives"]["same_space"]) == 3


async def test_what_was_not_asked_well_is_refused(api: ServiceClient) -> None:
    within = {"from": tomorrow(9)[0].isoformat(), "to": tomorrow(10)[0].isoformat()}
    answer = await api.get(f"/spaces/{uuid.uuid4()}/bookability", WHO, **within)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[1]) == (404, "space-unseen")
