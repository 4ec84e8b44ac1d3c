"""Deeds that come singly and are registered together: each has its own answer, and its own key."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest
from asgi_lifespan import LifespanManager

from services.points.main import create_app
from shared.identity import HEADER
from tests.ground import ServiceClient, StartApi, identity
from tests.points.book import OFFICIAL, QINGBO, agree, budget_of, take_part

BIN = identity("application:bins", ("device", "330102"))
DESK = identity("staff:li", ("desk", QINGBO))
ELSEWHERE = identity("application:other", ("device", "330281"))
RULE: dict[str, object] = {
    "kind": "rule",
    "community_code": QINGBO,
    "activity": "volunteering",
    "asset_class": "service",
    "points": 10,
    "per_quantity": 1,
    "points_max_per_deed": 1000,
    "effective_from": "2026-01-01T00:00:00+08:00",
}


@pytest.fixture
async def api(start_api: StartApi) -> ServiceClient:
    """The service over one community with one rule."""
    client = await start_api("points")
    await take_part(client, QINGBO)
    await agree(client, RULE)
    await agree(client, budget_of(10**9))
    return client


@pytest.fixture
async def admin(api: ServiceClient) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the administrator."""
    connection = await asyncpg.connect(api.database.admin)
    yield connection
    await connection.close()


def deed(quantity: int = 1, **facts: object) -> dict[str, object]:
    return {
        "community_code": QINGBO,
        "activity": "volunteering",
        "reference": uuid.uuid4().hex,
        "resident_id": str(uuid.uuid4()),
        "quantity": quantity,
        "occurred_at": datetime.now(UTC).isoformat(),
        "evidence": {"bin": "B-7"},
        **facts,
    }


def kind(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    name: str = answer.json()["type"].rsplit("/", 1)[1]
    return name


@pytest.mark.proves("P4")
async def test_a_key_has_one_effect_and_one_answer_whatever_comes_under_it_at_once(
    api: ServiceClient, admin: asyncpg.Connection
) -> None:
    body, other = deed(20), deed(30)
    requests = [(body, "one-key-for-all")] * 100 + [(other, "one-key-for-all")] * 32 + [(deed(1), "a-key-of-its-own")]
    answers = await asyncio.gather(*(api.post("/deeds", BIN, sent, key=key) for sent, key in requests))
    same, others, own = answers[:100], answers[100:132], answers[132]
    assert {answer.status_code for answer in same} == {201}
    assert len({answer.content for answer in same}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in same) == 99
    assert {(answer.status_code, kind(answer)) for answer in others} == {(409, "idempotency-key-reused")}
    assert own.status_code == 201
    again = await api.post("/deeds", BIN, body, key="one-key-for-all")
    assert (again.content, again.headers["idempotency-replayed"]) == (same[0].content, "true")
    by_another = await api.post("/deeds", DESK, other, key="one-key-for-all")
    assert by_another.status_code == 201, "a key belongs to its caller"
    assert await admin.fetchval("SELECT count(*) FROM deed") == 3
    await key_and_effect_have_one_commit(api, admin)
    await refusals_are_remembered(api)
    assert (await api.get("/integrity", OFFICIAL)).json()["holds"] is True


async def key_and_effect_have_one_commit(api: ServiceClient, admin: asyncpg.Connection) -> None:
    body = deed()
    await admin.execute("REVOKE INSERT ON idempotency FROM linli_points")
    assert (await api.post("/deeds", BIN, body, key="cannot-be-kept")).status_code == 500
    assert await admin.fetchval("SELECT count(*) FROM deed") == 3
    await admin.execute("GRANT INSERT ON idempotency TO linli_points")
    kept = await api.post("/deeds", BIN, body, key="cannot-be-kept")
    assert (kept.status_code, "idempotency-replayed" in kept.headers) == (201, False)


async def refusals_are_remembered(api: ServiceClient) -> None:
    unruled = deed(activity="juggling")
    refused = await api.post("/deeds", BIN, unruled, key="no-rule-for-it")
    strange = await api.post("/deeds", ELSEWHERE, deed(), key="out-of-my-scope")
    assert [(one.status_code, kind(one)) for one in (refused, strange)] == [
        (422, "no-earning-rule"),
        (403, "out-of-scope"),
    ]
    await agree(api, {**RULE, "activity": "juggling"})
    again = await api.post("/deeds", BIN, unruled, key="no-rule-for-it")
    assert (again.status_code, again.content) == (422, refused.content)
    assert "idempotency-replayed" in again.headers
    changed = await api.post("/deeds", BIN, deed(), key="no-rule-for-it")
    assert kind(changed) == "idempotency-key-reused"


async def test_each_refusal_of_a_group_carries_its_own_trace(api: ServiceClient) -> None:
    traces = [uuid.uuid4().hex for _ in range(32)]

    async def ask(trace: str) -> httpx.Response:
        headers = {"traceparent": f"00-{trace}-{'1' * 16}-01", "idempotency-key": trace, **api.headers(BIN)}
        return await api.http.post("/deeds", json=deed(activity="juggling"), headers=headers)

    answers = await asyncio.gather(*map(ask, traces))
    assert [answer.json()["trace_id"] for answer in answers] == traces


async def test_a_member_that_is_refused_leaves_its_neighbours_alone(
    api: ServiceClient, admin: asyncpg.Connection
) -> None:
    once = deed()
    bodies = [deed(activity="juggling") if place % 4 == 0 else deed() for place in range(64)] + [once, once]
    answers = await asyncio.gather(*(api.post("/deeds", BIN, body) for body in bodies))
    assert [answer.status_code for answer in answers[:64]] == [422 if place % 4 == 0 else 201 for place in range(64)]
    assert sorted(answer.status_code for answer in answers[64:]) == [201, 409]
    assert await admin.fetchval("SELECT count(*) FROM deed") == 49


@pytest.mark.parametrize(
    ("sent", "places"),
    [
        ({"json": {}}, {"/header/Idempotency-Key", "/body/community_code", "/body/quantity"}),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, {"/header/Idempotency-Key", "/body"}),
        ({"content": b"{}", "headers": {"content-type": "text/plain"}}, {"/header/Idempotency-Key", "/body"}),
    ],
)
async def test_what_is_malformed_is_told_where(api: ServiceClient, sent: dict[str, object], places: set[str]) -> None:
    headers = {**api.headers(BIN), **sent.pop("headers", {})}  # type: ignore[dict-item]
    answer = await api.http.post("/deeds", headers=headers, **sent)  # type: ignore[arg-type]
    assert (answer.status_code, kind(answer)) == (422, "malformed-request")
    assert places <= {error["at"] for error in answer.json()["errors"]}


async def test_without_an_identity_nothing_is_registered(api: ServiceClient, admin: asyncpg.Connection) -> None:
    answer = await api.http.post("/deeds", json=deed(), headers={"idempotency-key": "a-good-key"})
    assert (answer.status_code, kind(answer)) == (401, "unidentified")
    assert await admin.fetchval("SELECT count(*) FROM idempotency WHERE key = 'a-good-key'") == 0


async def test_two_processes_that_take_the_same_keys_at_once_do_each_once(
    api: ServiceClient, admin: asyncpg.Connection
) -> None:
    async with (
        LifespanManager(create_app()) as second,  # over the same database
        httpx.AsyncClient(transport=httpx.ASGITransport(second.app), base_url="http://service") as http,
    ):
        bodies = [deed() for _ in range(32)]

        async def ask(client: httpx.AsyncClient, body: dict[str, object]) -> httpx.Response:
            headers = {
                HEADER: api.signer.sign(BIN, "points", now=time.time()),
                "idempotency-key": str(body["reference"]),
            }
            return await client.post("/deeds", json=body, headers=headers)

        answers = await asyncio.gather(*(ask(client, body) for body in bodies for client in (api.http, http)))
    assert {answer.status_code for answer in answers} == {201}
    assert [one.content for one in answers[::2]] == [one.content for one in answers[1::2]]
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 32
    assert await admin.fetchval("SELECT count(*) FROM deed") == 32


async def test_who_finds_too_many_waiting_is_told_to_come_again_with_its_key(
    api: ServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = deed()
    with monkeypatch.context() as patch:
        patch.setattr("shared.group.WAITING_WEIGHT_MAX", 0)
        refused = await api.post("/deeds", BIN, body, key="come-again-later")
    assert (refused.status_code, kind(refused), refused.headers["retry-after"]) == (503, "overloaded", "1")
    again = await api.post("/deeds", BIN, body, key="come-again-later")
    assert again.status_code == 201
    assert "idempotency-replayed" not in again.headers


async def test_a_deadline_that_passes_leaves_the_deed_done_once(api: ServiceClient, admin: asyncpg.Connection) -> None:
    body = deed()
    locked = admin.transaction()
    await locked.start()
    await admin.execute("LOCK TABLE transfer IN ACCESS EXCLUSIVE MODE")
    headers = {**api.headers(BIN), "idempotency-key": "late-but-not-lost", "linli-deadline-ms": "200"}
    late = await api.http.post("/deeds", json=body, headers=headers)
    await locked.rollback()
    assert (late.status_code, kind(late)) == (504, "deadline-exceeded")
    again = await api.post("/deeds", BIN, body, key="late-but-not-lost")
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert await admin.fetchval("SELECT count(*) FROM deed") == 1


async def test_what_waits_when_the_process_is_told_to_stop_is_done(
    api: ServiceClient, admin: asyncpg.Connection
) -> None:
    await admin.execute("BEGIN")
    await admin.execute("LOCK TABLE transfer IN ACCESS EXCLUSIVE MODE")
    async with httpx.AsyncClient(base_url="http://service") as http:
        manager = LifespanManager(create_app())
        await manager.__aenter__()
        http._transport = httpx.ASGITransport(manager.app)
        headers = [{**api.headers(BIN), "idempotency-key": uuid.uuid4().hex} for _ in range(32)]
        asking = [asyncio.create_task(http.post("/deeds", json=deed(), headers=each)) for each in headers]
        await asyncio.sleep(0.2)
        stopping = asyncio.create_task(manager.__aexit__())
        await asyncio.sleep(0.1)
        await admin.execute("COMMIT")
        await stopping
        assert {answer.status_code for answer in await asyncio.gather(*asking)} == {201}
    assert await admin.fetchval("SELECT count(*) FROM deed") == 32


@pytest.mark.proves("P11")
async def test_64_single_requests_share_a_few_transactions_and_no_busy_account_is_locked(
    api: ServiceClient, admin: asyncpg.Connection
) -> None:
    await api.post("/deeds", BIN, deed())
    await admin.execute("BEGIN")
    await admin.execute("SELECT 1 FROM account WHERE kind = 'issuer' FOR NO KEY UPDATE")
    answers = await asyncio.gather(*(api.post("/deeds", BIN, deed()) for _ in range(64)))
    await admin.execute("ROLLBACK")
    assert {answer.status_code for answer in answers} == {201}
    transactions = await admin.fetchval("SELECT count(DISTINCT xid) FROM outbox")
    assert transactions <= 16, "64 requests at once are not 64 transactions"
