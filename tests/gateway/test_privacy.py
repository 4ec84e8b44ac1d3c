"""Consent per purpose, a resident's own data, corrections, and an erasure that leaves pseudonyms in the books alone."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from shared.erasure import LOG_KEPT
from tests.gateway.residence import (
    AT_DESK,
    BOOKS,
    DESK,
    FAR_DESK,
    HERE,
    OTHER,
    OWN,
    REQUESTS,
    RESIDENT,
    RESIDENT_ID,
    SAID,
    SECOND,
    TRACE,
    World,
    get,
    live_here,
    post,
    refused,
)


@pytest.mark.proves("G25")
async def test_a_resident_gets_all_that_each_service_holds_as_one_file_and_nobody_elses(world: World) -> None:
    await live_here(world)
    answer = await world.door.http.get("/own-data", headers=world.door.bearer(RESIDENT))
    assert answer.headers["content-disposition"].startswith("attachment")
    parts = {name: part["tables"] for name, part in answer.json().items()}
    assert parts.keys() == {"points", "scenarios", "operations", "console"}
    held = await world.naming(str(RESIDENT_ID))
    transport = {"outbox", "inbox", "idempotency"}
    passing = {"delivery", "allowance", "emergency_task"}  # on its way to others, a counter, a task of staff
    for service, tables in held.items():
        name = "console" if service == "gateway" else service
        assert tables - transport - passing <= parts[name].keys(), service
    assert parts["scenarios"]["report"][0]["text"] == SAID
    others = await world.door.http.get("/own-data", headers=world.door.bearer(OTHER))
    assert not any(part["tables"] for part in others.json().values())
    assert (await world.door.http.get("/own-data", headers=world.door.bearer(DESK))).status_code == 403
    assert (await world.door.http.get("/own-data")).status_code == 401


@pytest.mark.proves("G25")
async def test_a_file_that_would_lack_a_part_is_not_given_and_the_answer_says_what_to_do(world: World) -> None:
    await live_here(world)
    admin = await asyncpg.connect(world.admin["scenarios"])
    await admin.execute("REVOKE SELECT ON report FROM linli_scenarios")
    answer = await world.door.http.get("/own-data", headers=world.door.bearer(RESIDENT))
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["type"].endswith("/internal-error")
    assert SAID not in answer.text
    await admin.execute("GRANT SELECT ON report TO linli_scenarios")
    await admin.close()
    assert (await get(world.door, "/own-data", RESIDENT)).keys() == {"points", "scenarios", "operations", "console"}


@pytest.mark.proves("G25")
async def test_a_correction_is_decided_by_another_once_and_by_staff_of_the_community(world: World) -> None:
    door = world.door
    asked = await post(door, REQUESTS, DESK, {**AT_DESK, "kind": "correction", "what": "户号应为 3-201"})
    path = f"{REQUESTS}/{asked.json()['id']}/decision"
    verdict = {"verdict": "accepted", "reason": "已在户籍登记中更正"}
    assert await refused(door, path, DESK, verdict) == "privacy-request-own"
    assert await refused(door, path, FAR_DESK, verdict) == "privacy-request-unseen"
    assert await refused(door, f"{REQUESTS}/{uuid.uuid4()}/decision", SECOND, verdict) == "privacy-request-unseen"
    answers = await asyncio.gather(*(post(door, path, SECOND, verdict) for _ in range(32)))
    assert [answer.status_code for answer in answers].count(200) == 1
    assert await refused(door, path, SECOND, verdict) == "privacy-request-decided"
    mine = await get(door, f"{REQUESTS}/me", RESIDENT)
    assert [(one["kind"], one["verdict"], one["reason"]) for one in mine] == [("correction", *verdict.values())]
    listed = await get(door, f"{REQUESTS}?area={HERE}", SECOND)
    assert [one["id"] for one in listed["items"]] == [asked.json()["id"]]
    far = await door.http.get(f"{REQUESTS}?area={HERE}", headers=door.bearer(FAR_DESK))
    assert far.status_code == 403


@pytest.mark.proves("G25")
async def test_an_erasure_asked_for_at_the_desk_takes_a_second_person_and_one_declined_erases_nothing(
    world: World,
) -> None:
    door = world.door
    body = {**AT_DESK, "kind": "erasure"}
    assert await refused(door, REQUESTS, OTHER, {**OWN, "kind": "erasure"}) == "out-of-scope"
    assert await refused(door, REQUESTS, DESK, {**body, "consent": None}) == "consent-missing"
    assert await refused(door, REQUESTS, RESIDENT, {**body, "kind": "erasure"}) == "channel-not-allowed"
    first = (await post(door, REQUESTS, DESK, body)).json()["id"]
    assert await refused(door, REQUESTS, DESK, body) == "erasure-waiting"
    declined = {"verdict": "declined", "reason": "本人撤回"}
    assert (await post(door, f"{REQUESTS}/{first}/decision", SECOND, declined)).status_code == 200
    await world.pass_events()
    async with world.of["scenarios"].autocommit() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM erasure_due")).scalar() == 0
    second = (await post(door, REQUESTS, DESK, body)).json()["id"]
    accepted = {"verdict": "accepted", "reason": "核对身份证"}
    assert (await post(door, f"{REQUESTS}/{second}/decision", SECOND, accepted)).json()["done_at"] is None
    await world.pass_events()
    await world.erase()
    listed = await get(door, f"{REQUESTS}?area={HERE}", SECOND)
    assert listed["items"][0]["done_at"] is not None


async def test_a_resident_who_asks_for_its_own_erasure_does_not_wait_for_what_the_desk_asked(world: World) -> None:
    door, own = world.door, {**OWN, "kind": "erasure"}
    asked = (await post(door, REQUESTS, DESK, {**AT_DESK, "kind": "erasure"})).json()["id"]
    answers = await asyncio.gather(*(post(door, REQUESTS, RESIDENT, own) for _ in range(32)))
    [begun] = [answer.json() for answer in answers if answer.status_code == 201]
    assert (begun["id"], begun["verdict"], begun["decided_by"]) == (asked, "accepted", RESIDENT.subject)
    assert await refused(door, f"{REQUESTS}/{asked}/decision", SECOND, {"verdict": "declined", "reason": "不办"}) == (
        "privacy-request-decided"
    )
    await world.pass_events()
    await world.erase()
    listed = await get(door, f"{REQUESTS}?area={HERE}", SECOND)
    assert listed["items"][0]["done_at"] is not None


@pytest.mark.proves("G25")
async def test_an_erased_residents_id_is_found_in_the_books_of_points_alone_whatever_is_told_again(
    world: World,
) -> None:
    await live_here(world)
    door = world.door
    body = {**OWN, "kind": "erasure"}
    answers = await asyncio.gather(*(post(door, REQUESTS, RESIDENT, body) for _ in range(32)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 31]
    await world.pass_events()
    await world.erase()
    held = await world.naming(str(RESIDENT_ID))
    transport = {"outbox", "inbox", "idempotency", "erasure_due"}
    assert {name: tables - transport for name, tables in held.items() if tables - transport} == {
        "points": held["points"] - transport
    }
    assert held["points"] - transport <= BOOKS
    assert not {name: t - transport for name, t in (await world.naming(SAID)).items() if t - transport}
    # What comes late, or again, is erased too, and then the request itself is forgotten.
    await world.put("operations", "attendance_trace", **TRACE, attendance_id=uuid.uuid4())
    await world.pass_events()
    await world.erase()
    await world.age()
    for _ in range(2):
        await world.erase(datetime.now(UTC) + LOG_KEPT + timedelta(days=1))
    await world.age()
    rest = await world.naming(str(RESIDENT_ID), SAID)
    assert rest.keys() == {"points"}
    assert rest["points"] <= BOOKS
    assert any(RESIDENT.subject == record["subject"] for record in door.audit())  # the audit keeps what the law asks
    async with world.of["scenarios"].autocommit() as connection:
        seats = "SELECT count(*) FROM check_out JOIN check_in USING (community_code, activity_id, resident_id)"
        assert (await connection.exec_driver_sql(seats)).scalar() == 1  # the records still belong together


async def test_the_services_role_can_forget_a_resident_and_change_no_record_otherwise(world: World) -> None:
    async with world.of["scenarios"].autocommit() as connection:
        with pytest.raises(Exception, match="permission denied"):
            await connection.exec_driver_sql("UPDATE check_in SET resident_id = gen_random_uuid()")
