"""Webhooks: signed, retried, replayed, and never led into our own networks."""

import asyncio
import base64
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from asgi_lifespan import LifespanManager
from sqlalchemy import func
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.console.webhooks import rules
from gateway.console.webhooks.deliver import Deliveries
from gateway.console.webhooks.rules import pause_after, seen_by, shown, signature, webhook_key
from gateway.console.webhooks.tables import Delivery
from gateway.console.worker import create_app
from gateway.disclosure import pseudonym, sight_key
from shared.database import Database
from shared.events import Event
from shared.events.operations import ProviderDebarred, ProviderListed
from shared.events.points import PointsEarned
from shared.outbox import publish
from tests.gateway.knock import ADMINISTRATORS, Door, served
from tests.gateway.ruling import application, propose, provincial, put
from tests.ground import MakeDatabase

KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
HERE, ELSEWHERE = "330102001051", "330281002015"
LOOPBACK = (ip_network("127.0.0.0/8"),)
DELIVERIES = "/v1/console/deliveries"
GRANTS = [
    {"operation": f"GET {DELIVERIES}", "prefix": "330102"},
    {"operation": f"POST {DELIVERIES}/{{delivery_id}}/replay", "prefix": "330102"},
]
WITHIN_S = 60


@dataclass
class Receiver:
    """Takes webhooks, and answers as it is told: by default that it has them."""

    statuses: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        self.paths.add(request.url.path)
        self.got.append((dict(request.headers), await request.body()))
        status = self.statuses.pop(0) if self.statuses else 204
        await Response(status_code=status, headers={"Location": "/elsewhere"})(scope, receive, send)


def _is_signed(headers: dict[str, str], body: bytes, webhook_secret: str) -> bool:
    """Verify as Standard Webhooks says."""
    key = base64.b64decode(webhook_secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    fresh = abs(time.time() - int(headers["webhook-timestamp"])) < 300
    return fresh and f"v1,{wanted}" in headers["webhook-signature"].split(" ")


@asynccontextmanager
async def telling(
    make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch, networks: str = '["127.0.0.0/8"]'
) -> AsyncIterator[Database]:
    """Run the gateway's worker, and give the outbox that it hears of events by."""
    operations = await make_database("operations")
    topics = {"operations": operations, **{name: await make_database(name) for name in ("points", "scenarios")}}
    monkeypatch.setenv("LINLI_LOG_DATABASES", json.dumps({name: each.reader for name, each in topics.items()}))
    monkeypatch.setenv("LINLI_WEBHOOK_NETWORKS", networks)
    monkeypatch.setattr(rules, "TRY_AGAIN_AFTER", (timedelta(seconds=0.1),) * 3)
    outbox = Database(operations.app, name="operations")
    async with LifespanManager(create_app(), startup_timeout=30, shutdown_timeout=30):
        yield outbox
    await outbox.close()


async def _tell(outbox: Database, *events: Event) -> None:
    async with outbox.transaction() as session:
        await publish(session, *events)


def _listed(code: str = HERE) -> ProviderListed:
    return ProviderListed(community_code=code, provider_id=uuid.uuid4(), kind="merchant", name="便利店")


async def _subscribe(door: Door, name: str, url: str, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - any member
    """Register an application with a subscription; returns its secret as it is shown."""
    await put(door, "application", name, application(grants=GRANTS))
    made = await door.http.post(f"/v1/console/applications/{name}/secrets", headers=door.write(ADMINISTRATORS[0]))
    document = {"application": name, "url": url, "types": [ProviderListed.type], "prefix": "330102", **changed}
    await put(door, "subscription", name, document)
    secret: dict[str, Any] = made.json()
    return secret


async def _deliveries(door: Door, **params: str) -> list[dict[str, Any]]:
    answer = await door.http.get(DELIVERIES, headers=door.bearer(ADMINISTRATORS[0]), params=params)
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def _until(door: Door, state: str, wanted: int = 1) -> list[dict[str, Any]]:
    async with asyncio.timeout(WITHIN_S):
        while len(found := await _deliveries(door, state=state)) < wanted:  # noqa: ASYNC110 - others decide when
            await asyncio.sleep(0.1)
    return found


@pytest.mark.proves("G18")
async def test_an_event_of_its_type_and_area_is_told_signed_once_as_a_cloud_event(
    ruled: Door, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver()
    async with served(receiver) as url, telling(make_database, monkeypatch) as outbox:
        first = await _subscribe(ruled, "till", f"{url}/hook?a=1")
        event, now = _listed(), datetime.now(UTC)
        other = ProviderDebarred(community_code=HERE, provider_id=uuid.uuid4(), basis="欺诈", effective_at=now)
        await _tell(outbox, other, _listed(ELSEWHERE), event)
        await _until(ruled, "delivered")
        second = await ruled.http.post("/v1/console/applications/till/secrets", headers=ruled.write(ADMINISTRATORS[0]))
        await _tell(outbox, _listed())
        await _until(ruled, "delivered", 2)
    [(headers, body), (later_headers, later_body)] = receiver.got
    told = json.loads(body)
    assert (told["specversion"], told["type"], told["source"]) == (
        "1.0",
        event.type,
        "https://linli.example/operations",
    )
    assert told["data"] == event.model_dump(mode="json")
    assert headers["webhook-id"] == told["id"]
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert headers["host"] == url.removeprefix("http://")
    assert _is_signed(headers, body, first["webhook_secret"])
    assert not _is_signed(headers, body + b" ", first["webhook_secret"])
    # While two secrets live, either verifies: a receiver moves over without losing one.
    for secret in (first, second.json()):
        assert _is_signed(later_headers, later_body, secret["webhook_secret"])


async def test_a_resident_is_told_of_by_the_pseudonym_of_answers_unless_two_persons_granted_more(
    ruled: Door, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver, resident = Receiver(), uuid.uuid4()
    earned = PointsEarned(
        community_code=HERE, transfer_id=uuid.uuid4(), resident_id=resident, asset_class="service", points=5,
        activity="patrol", expires_on=date(2099, 1, 1),
    )  # fmt: skip
    async with served(receiver) as url, telling(make_database, monkeypatch) as outbox:
        await _subscribe(ruled, "stats", f"{url}/l1", types=[PointsEarned.type])
        await _subscribe(ruled, "till", f"{url}/l2", types=[PointsEarned.type], level="L2")
        await _tell(outbox, earned)
        await _until(ruled, "delivered", 2)
    told = {json.loads(body)["data"]["resident_id"]: json.loads(body) for _, body in receiver.got}
    known_as = pseudonym(str(resident), sight_key(KEY, "application:stats"))
    assert told.keys() == {str(resident), known_as}
    masked, whole = told[known_as], told[str(resident)]
    assert (masked["partitionkey"], whole["partitionkey"]) == (known_as, str(resident))
    assert {**masked["data"], "resident_id": str(resident)} == whole["data"]
    assert str(resident) not in json.dumps(masked)


def test_what_a_newer_release_tells_is_masked_until_this_one_knows_its_level() -> None:
    data = {"community_code": HERE, "from_a_newer_release": ["张三"], "left_empty": None}
    body = json.dumps({"type": ProviderListed.type, "partitionkey": HERE, "data": data})
    seen = json.loads(seen_by(body, "L3", KEY))
    assert seen == {**json.loads(body), "data": {**data, "from_a_newer_release": []}}


@pytest.mark.proves("G18")
async def test_what_is_not_taken_is_tried_again_given_up_and_replayed_by_those_whom_it_concerns(
    ruled: Door, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver(statuses=[500, 302, 204, 410])
    async with served(receiver) as url, telling(make_database, monkeypatch) as outbox:
        secret = await _subscribe(ruled, "till", f"{url}/hook")
        stranger = await _subscribe(ruled, "other", f"{url}/other", prefix="330281")
        await _tell(outbox, _listed())
        [taken] = await _until(ruled, "delivered")
        assert (taken["attempts"], taken["last_status"], len(receiver.got)) == (3, 204, 3)
        assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
        await _tell(outbox, _listed())
        [gone] = await _until(ruled, "given-up")
        assert (gone["attempts"], gone["last_status"]) == (1, 410)
        receiver.statuses += [503] * 4
        await _tell(outbox, _listed())
        [exhausted, _] = await _until(ruled, "given-up", 2)
        assert (exhausted["attempts"], exhausted["last_status"]) == (4, 503)

        path = f"{DELIVERIES}/{exhausted['id']}/replay"
        await asyncio.sleep(0.7)
        assert await _as(ruled, "POST", path, "other", stranger["secret"]) == 404
        assert await _as(ruled, "POST", path, "till", secret["secret"]) == 200
        await _until(ruled, "delivered", 2)
        assert await _as(ruled, "GET", DELIVERIES, "till", secret["secret"]) == 200
        by_administrator = f"{DELIVERIES}/{gone['id']}/replay"
        assert (await ruled.http.post(by_administrator, headers=ruled.write(ADMINISTRATORS[0]))).status_code == 200
        await _until(ruled, "delivered", 3)
        missing = f"{DELIVERIES}/{uuid.uuid4()}/replay"
        assert (await ruled.http.post(missing, headers=ruled.write(ADMINISTRATORS[0]))).status_code == 404
        assert (await ruled.http.get(DELIVERIES, headers=ruled.bearer())).status_code == 403
    assert receiver.paths == {"/hook"}


async def _as(door: Door, method: str, path: str, name: str, secret: str) -> int:
    headers = {**provincial(method, path, name, secret), "Idempotency-Key": uuid.uuid4().hex}
    return (await door.http.request(method, path, headers=headers)).status_code


@pytest.mark.proves("G18")
async def test_nobody_leads_a_webhook_into_our_own_networks(
    ruled: Door, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver()
    async with served(receiver) as url, telling(make_database, monkeypatch, networks="[]") as outbox:
        await _subscribe(ruled, "till", url)
        await _tell(outbox, _listed())
        [refused] = await _until(ruled, "given-up")
    assert refused["last_fault"] == "not a public address"
    assert receiver.got == []


@pytest.mark.parametrize(
    "changed", [{"shelf": "off-shelf"}, {"provider_id": str(uuid.uuid4())}, {"expires_at": "2020-01-01T00:00:00Z"}]
)
async def test_an_application_that_may_not_call_is_not_told(
    ruled: Door, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]
) -> None:
    receiver = Receiver()
    async with served(receiver) as url, telling(make_database, monkeypatch) as outbox:
        await _subscribe(ruled, "till", url)
        await put(ruled, "application", "till", application(grants=GRANTS, **changed))
        await _tell(outbox, _listed())
        [refused] = await _until(ruled, "given-up")
    assert refused["last_fault"] == "subscription or application not in force"
    assert receiver.got == []


async def test_many_workers_at_once_tell_each_event_once(ruled: Door) -> None:
    receiver, database = Receiver(), Database(ruled.database.app, name="test", pool_size=16)
    async with served(receiver) as url:
        await _subscribe(ruled, "till", url)
        async with database.transaction() as session:
            event = {"type": ProviderListed.type, "partitionkey": HERE, "data": _listed().model_dump(mode="json")}
            facts = {"subscription": "till", "application": "till", "type": event["type"], "body": json.dumps(event)}
            session.add_all([Delivery(**facts, due_at=func.now(), event_id=uuid.uuid4()) for _ in range(100)])
        await asyncio.gather(*(Deliveries(KEY, LOOPBACK).send(database) for _ in range(32)))
    await database.close()
    assert len(receiver.got) == len({headers["webhook-id"] for headers, _ in receiver.got}) == 100


def test_a_signature_is_that_of_standard_webhooks() -> None:
    """The example of its specification."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    signed = signature([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert shown(key) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert webhook_key("a") not in {webhook_key("b"), b"a"}


def test_a_delivery_is_tried_for_three_days_and_not_again_where_it_is_gone() -> None:
    pauses = [pause_after(attempts, 500) for attempts in range(1, 11)]
    assert pauses[0] == timedelta(seconds=5)
    assert sum((pause for pause in pauses if pause), timedelta()) > timedelta(days=3)
    assert pauses[9] is None
    assert pause_after(1, 410) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "ftp://a.test"},
        {"url": "https://a:b@c.test"},
        {"types": ["points.nothing.v1"]},
        {"types": []},
        {"more": 1},
    ],
)
async def test_a_subscription_that_does_not_fit_is_refused(ruled: Door, changed: dict[str, Any]) -> None:
    document = {"application": "till", "url": "https://a.test", "types": [ProviderListed.type], "prefix": "330102"}
    refused = await propose(ruled, "subscription", "till", {**document, **changed})
    assert refused.status_code == 422
