"""Consent per purpose: given, withdrawn, versioned, and refused at the door where there is none."""

import asyncio
import uuid
from datetime import UTC, date, datetime

import asyncpg
import pytest
from sqlalchemy import func, select

from gateway.console.webhooks.tables import Delivery
from shared.events.points import PointsEarned
from shared.outbox import publish
from tests.gateway.residence import (
    AT,
    AT_DESK,
    CONSENTS,
    DESK,
    FAR_DESK,
    HERE,
    ITSELF,
    LATER,
    OTHER,
    OWN,
    PURPOSES,
    RESIDENT,
    RESIDENT_ID,
    RESIDENTS,
    World,
    get,
    post,
    refused,
)
from tests.gateway.ruling import application, provincial, put, secret_of

TILL = "/v1/points/deeds"
DEED = {
    "community_code": HERE,
    "activity": "volunteering",
    "reference": uuid.uuid4().hex,
    "resident_id": str(RESIDENT_ID),
    "quantity": 5,
    "occurred_at": datetime.now(UTC).isoformat(),
    "evidence": {},
}


@pytest.mark.proves("G25")
async def test_consent_is_given_and_withdrawn_by_version_and_without_it_a_purpose_is_refused(world: World) -> None:
    door = world.door
    grants = [{"operation": f"POST {TILL}", "prefix": "330102"}]
    await put(door, "application", "helper", application(grants=grants, consent_version=2, purpose="志愿服务匹配"))
    await put(door, "application", "bin", application(grants=grants))
    secret, of_bin = await secret_of(door, "helper"), await secret_of(door, "bin")

    async def call(name: str, key: str) -> str:
        headers = {**provincial("POST", TILL, name, key), "Idempotency-Key": uuid.uuid4().hex}
        answer = await door.http.post(TILL, headers=headers, json=DEED)
        return str(answer.json().get("type", "")).rpartition("/")[2]

    word = {**OWN, "application": "helper", "version": 2}
    assert await get(door, PURPOSES, RESIDENT) == [
        {"application": "helper", "owner": "上城区智慧环卫有限公司", "purpose": "志愿服务匹配", "version": 2}
    ]
    assert await call("helper", secret) == "consent-required"
    assert await call("bin", of_bin) not in {"", "consent-required"}  # its purpose takes none; the service answers
    assert await refused(door, CONSENTS, RESIDENT, {**word, "application": "bin"}) == "purpose-unseen"
    assert await refused(door, CONSENTS, RESIDENT, {**word, "version": 1}) == "notice-changed"
    assert await refused(door, CONSENTS, RESIDENT, {**word, "version": None}) == "no-consent"
    assert await refused(door, CONSENTS, OTHER, word) == "out-of-scope"
    assert await refused(door, CONSENTS, RESIDENT, {**word, "channel": "desk"}) == "channel-not-allowed"
    assert await refused(door, CONSENTS, DESK, {**word, "channel": "desk"}) == "consent-missing"
    assert await refused(door, CONSENTS, FAR_DESK, {**word, **AT_DESK}) == "out-of-scope"
    given = await post(door, CONSENTS, RESIDENT, word)
    assert (given.status_code, given.json()["number"]) == (201, 1)
    assert await call("helper", secret) not in {"", "consent-required"}
    assert (await post(door, CONSENTS, DESK, {**word, **AT_DESK, "version": None})).status_code == 201
    assert await call("helper", secret) == "consent-required"
    assert (await post(door, CONSENTS, RESIDENT, word)).status_code == 201
    await put(door, "application", "helper", application(grants=grants, consent_version=3, purpose="画像"))
    assert await call("helper", secret) == "consent-required"  # what was agreed to was another notice
    history = [(one["number"], one["version"], one["is_given"]) for one in await get(door, CONSENTS, RESIDENT)]
    assert history == [(3, 2, True), (2, 2, False), (1, 2, True)]
    assert await get(door, CONSENTS, OTHER) == []


async def test_of_32_words_at_once_each_stands_in_the_history_and_one_is_the_last(world: World) -> None:
    await put(world.door, "application", "helper", application(consent_version=1))
    word = {**OWN, "application": "helper", "version": 1}
    answers = await asyncio.gather(*(post(world.door, CONSENTS, RESIDENT, word) for _ in range(32)))
    assert sorted(answer.json()["number"] for answer in answers) == list(range(1, 33))


@pytest.mark.proves("G25")
async def test_of_residents_who_did_not_agree_an_application_sees_pseudonyms_and_is_told_nothing(world: World) -> None:
    door, bookings = world.door, "/v1/scenarios/bookings"
    booking = {"id": uuid.uuid4(), "space_id": uuid.uuid4(), "starts_at": AT, "ends_at": LATER, **RESIDENTS, **ITSELF}
    await world.put("scenarios", "booking", **booking)
    path = f"{bookings}/{booking['id']}"
    grants = [{"operation": f"GET {bookings}/{{booking_id}}", "prefix": "330102", "level": "L2"}]
    seen = {}
    for name, version in (("asker", 1), ("office", None)):
        await put(door, "application", name, application(kind="operator", grants=grants, consent_version=version))
        subscription = {"application": name, "url": "https://hooks.example/linli", "prefix": "330102"}
        await put(door, "subscription", name, {**subscription, "types": ["points.points-earned.v1"]})
        headers = provincial("GET", path, name, await secret_of(door, name))
        answer = await door.http.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        seen[name] = answer.json()["resident_id"]
    assert seen["office"] == str(RESIDENT_ID) != seen["asker"]

    async def earn() -> None:
        earned = PointsEarned(
            community_code=HERE, transfer_id=uuid.uuid4(), resident_id=RESIDENT_ID, asset_class="service", points=5,
            activity="patrol", expires_on=date(2099, 1, 1),
        )  # fmt: skip
        async with world.of["points"].transaction() as session:
            await publish(session, earned)
        await world.pass_events(to=("gateway",))

    async def told(name: str) -> int:
        async with world.of["gateway"].transaction() as session:
            mine = select(func.count()).select_from(Delivery).where(Delivery.application == name)
            return await session.scalar(mine) or 0

    await earn()
    assert [await told(name) for name in seen] == [0, 1]
    assert (await post(door, CONSENTS, RESIDENT, {**OWN, "application": "asker", "version": 1})).status_code == 201
    await earn()
    assert [await told(name) for name in seen] == [1, 2]


async def test_while_consents_cannot_be_read_a_call_about_a_resident_is_refused_for_now(world: World) -> None:
    grants = [{"operation": f"POST {TILL}", "prefix": "330102"}]
    await put(world.door, "application", "helper", application(grants=grants, consent_version=1))
    secret = await secret_of(world.door, "helper")
    admin = await asyncpg.connect(world.admin["gateway"])
    await admin.execute("REVOKE SELECT ON consent FROM linli_gateway")
    await admin.close()
    headers = {**provincial("POST", TILL, "helper", secret), "Idempotency-Key": uuid.uuid4().hex}
    answer = await world.door.http.post(TILL, headers=headers, json=DEED)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"].endswith("/consents-away")
