"""Consent per purpose: given, withdrawn, versioned, and refused at the door where there is none."""

import asyncio
import json
import uuid
from datetime import UTC, date, datetime

import asyncpg
import pytest
from sqlalchemy import func, select

from gateway.aggregate import reachable
from gateway.consent import residents_named
from gateway.console.webhooks.deliver import Deliveries
from gateway.console.webhooks.tables import Delivery
from shared.events.points import PointsEarned
from shared.fields import RESIDENTS as NAMES
from shared.outbox import publish
from tests.gateway.knock import ADMINISTRATORS, served
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
from tests.gateway.test_webhooks import DELIVERIES, KEY, LOOPBACK, Receiver
from tests.shape.tree import ROOT

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


STANDING = "/v1/scenarios/residents/{resident_id}/standing"
OF_THINGS = {
    *("acceptance", "act", "activity", "answer", "appeal", "bond", "booking", "case", "change", "check"),
    *("checkup", "closure", "competition", "contract", "contribution", "covenant", "crossing", "delivery"),
    *("device", "dispute", "emergency", "entry", "event", "freeze", "help", "merchant", "mode", "motion", "need"),
    *("no_show", "order", "organization", "payment", "permit", "plan", "presentation", "project", "proposal"),
    *("provider", "quote", "redemption", "report", "request", "resource", "round", "service", "space", "spend"),
    *("subsidy", "survey", "task", "taxonomy", "taxonomy_term", "tender", "term", "transfer", "visit", "voucher"),
}
LISTS_OF_THINGS = {"essential", "excluded", "interests", "part_ids", "refuges", "takeover"}


@pytest.mark.parametrize(
    ("path", "query", "body"),
    [
        (f"/v1/scenarios/residents/{RESIDENT_ID}/standing", "", b""),
        (f"/v1/scenarios/residents/{str(RESIDENT_ID).upper()}/standing", "", b""),
        ("", f"resident_id={str(RESIDENT_ID).upper()}&page_size=1", b""),
        ("", f"resident%5Fid={str(RESIDENT_ID).replace('-', '%2D')}", b""),
        ("", "", json.dumps({"deeds": [{"resident_id": str(RESIDENT_ID).upper()}]}).encode()),
        ("", "", f'{{"resident\\u005fid": "{RESIDENT_ID}"}}'.encode()),
        ("", "", json.dumps({"care": [str(RESIDENT_ID)]}).encode()),
        ("", "", json.dumps({"who": f"resident:{RESIDENT_ID}", "transfer_id": str(uuid.UUID(int=1))}).encode()),
        *(("", "", json.dumps({name: str(RESIDENT_ID)}).encode()) for name in ("giver_id", "payer_id", "receiver_id")),
    ],
)
def test_a_resident_is_seen_however_a_call_names_it(path: str, query: str, body: bytes) -> None:
    assert residents_named(STANDING if path else "", path, query, body) == {RESIDENT_ID}


def test_each_id_that_a_call_may_carry_is_a_residents_or_known_to_be_another_things() -> None:
    """A new name is put here, or among `shared.fields.RESIDENTS`: else consent could be evaded by it."""
    described = json.loads((ROOT / "docs/openapi/platform.json").read_text(encoding="utf-8"))
    calls = [each for methods in described["paths"].values() for each in methods.values()]
    schemas = described["components"]["schemas"]
    parameters = [(each["name"], each["schema"]) for call in calls for each in call.get("parameters", ())]
    members = reachable([call.get("requestBody", {}) for call in calls], schemas).values()
    sent = [*parameters, *(named for each in members for named in each.get("properties", {}).items())]
    ids = {name for name, schema in sent if "'uuid'" in str(schema)}
    assert ids - NAMES - LISTS_OF_THINGS == {f"{thing}_id" for thing in OF_THINGS}


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

    async def told(name: str) -> int:
        async with world.of["gateway"].transaction() as session:
            mine = select(func.count()).select_from(Delivery).where(Delivery.application == name)
            return await session.scalar(mine) or 0

    await _earn(world)
    assert [await told(name) for name in seen] == [0, 1]
    assert (await post(door, CONSENTS, RESIDENT, {**OWN, "application": "asker", "version": 1})).status_code == 201
    await _earn(world)
    assert [await told(name) for name in seen] == [1, 2]


async def _earn(world: World) -> None:
    earned = PointsEarned(
        community_code=HERE, transfer_id=uuid.uuid4(), resident_id=RESIDENT_ID, asset_class="service", points=5,
        activity="patrol", expires_on=date(2099, 1, 1),
    )  # fmt: skip
    async with world.of["points"].transaction() as session:
        await publish(session, earned)
    await world.pass_events(to=("gateway",))


async def test_what_waits_to_be_told_is_not_told_once_the_consent_is_withdrawn(world: World) -> None:
    door, receiver = world.door, Receiver()
    word = {**OWN, "application": "asker", "version": 1}
    await put(door, "application", "asker", application(consent_version=1))
    await secret_of(door, "asker")
    async with served(receiver) as url:
        subscription = {"application": "asker", "url": f"{url}/hook", "prefix": "330102"}
        await put(door, "subscription", "asker", {**subscription, "types": [PointsEarned.type]})
        assert (await post(door, CONSENTS, RESIDENT, word)).status_code == 201
        await _earn(world)
        assert (await post(door, CONSENTS, RESIDENT, {**word, "version": None})).status_code == 201
        await Deliveries(KEY, LOOPBACK).send(world.of["gateway"])
        [waiting] = (await get(door, DELIVERIES, ADMINISTRATORS[0]))["items"]
        assert (waiting["state"], waiting["last_fault"], receiver.got) == ("due", "no consent in force", [])
        assert (await post(door, CONSENTS, RESIDENT, word)).status_code == 201
        assert (await post(door, f"{DELIVERIES}/{waiting['id']}/replay", ADMINISTRATORS[0], None)).status_code == 200
        await Deliveries(KEY, LOOPBACK).send(world.of["gateway"])
    assert len(receiver.got) == 1


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
