"""Deadlines, retries under a budget, breakers, and who is refused first when too many come."""

import asyncio
import time

import httpx
import pytest

from gateway import breakers, routes
from gateway.breakers import OPEN_S, Breaker, Crowd, RetryBudget
from gateway.outages import Overloaded
from tests.gateway.knock import OFFICIAL, Door, StartGateway, Upstream, metrics, served
from tests.gateway.test_proxy import _Breaking

ME, QUOTES, CORRIDORS = "/v1/points/accounts/me", "/v1/points/quotes", "/v1/points/corridors"
HURRIED_S = 1.5
"""Long enough for a good answer on a busy machine; a call that waits takes as long."""


def test_a_breaker_opens_when_most_calls_fail_and_closes_with_the_first_that_does_not() -> None:
    breaker = Breaker()
    for number in range(20):
        assert breaker.admits(0.0)
        breaker.note(0.0, failed=number % 2 == 0)
    assert breaker.admits(0.0)
    for _ in range(4):
        breaker.note(0.0, failed=True)
    assert not breaker.admits(OPEN_S - 0.1)
    assert [breaker.admits(OPEN_S + 0.1) for _ in range(3)] == [True, False, False]
    breaker.note(OPEN_S + 0.2, failed=True)
    assert not breaker.admits(OPEN_S + 0.3)
    assert breaker.admits(2 * OPEN_S + 0.3)
    breaker.note(2 * OPEN_S + 0.4, failed=False)
    assert all(breaker.admits(2 * OPEN_S + 0.4) for _ in range(3))


def test_retries_are_a_tenth_of_all_calls_at_most() -> None:
    budget, spent = RetryBudget(), 0
    for _ in range(1000):
        budget.earn()
        spent += budget.spend()
    assert spent <= 1000 * breakers.RETRY_SHARE + breakers.RETRIES_SAVED_MAX


def test_batches_are_refused_before_staff_and_staff_before_residents() -> None:
    crowd = Crowd()
    admitted: dict[str, int] = {}
    for size in range(breakers.IN_FLIGHT_MAX + 1):
        crowd.size = size
        for who in breakers.SHARES:
            try:
                crowd.check(who)
            except Overloaded:
                continue
            admitted[who] = size
    assert admitted["batch"] < admitted["staff"] < admitted["resident"] < breakers.IN_FLIGHT_MAX


@pytest.mark.proves("G11")
async def test_a_failing_service_and_a_crowd_take_neither_the_gateway_nor_the_others_with_them(
    upstream: Upstream, start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried = [routes.Route(r.method, r.service, r.path, r.roles, r.limit, timeout_s=HURRIED_S) for r in routes.ROUTES]
    monkeypatch.setattr("gateway.main.ROUTES", hurried)
    monkeypatch.setattr("gateway.breakers.OPEN_S", 60.0)
    async with served(upstream) as url:
        door = await start_gateway({"points": url, "scenarios": "http://127.0.0.1:1", "operations": url})
        await _deadline_is_passed_on(door, upstream)
        await _breaker_per_operation(door, upstream)
        await _batches_go_first(door, upstream, monkeypatch)
    await _retries_only_reads(start_gateway)


async def _deadline_is_passed_on(door: Door, upstream: Upstream) -> None:
    assert (await door.http.get(ME, headers=door.bearer())).status_code == 200
    assert 0 < int(upstream.seen[-1].headers["linli-deadline-ms"]) <= HURRIED_S * 1000
    started = time.monotonic()
    assert (await door.http.post(f"{QUOTES}?do=wait", headers=door.write())).status_code == 504
    assert time.monotonic() - started >= HURRIED_S


async def _breaker_per_operation(door: Door, upstream: Upstream) -> None:
    path = "/v1/points/corridors"
    good = [await door.http.get(path, headers=door.bearer()) for _ in range(9)]
    late = await asyncio.gather(*(door.http.get(f"{path}?do=wait", headers=door.bearer()) for _ in range(11)))
    assert [answer.status_code for answer in (*good, *late)] == [200] * 9 + [504] * 11
    reached = len(upstream.seen)
    refused = await door.http.get(path, headers=door.bearer())
    assert (refused.status_code, refused.json()["type"].rsplit("/")[-1]) == (503, "service-away")
    assert int(refused.headers["retry-after"]) >= 1
    assert len(upstream.seen) == reached
    assert (await door.http.get(ME, headers=door.bearer())).status_code == 200
    away = [await door.http.get("/v1/scenarios/spaces", headers=door.bearer(OFFICIAL)) for _ in range(25)]
    assert {answer.status_code for answer in away} == {503}
    assert (await door.http.get("/v1/operations/communities", headers=door.bearer())).status_code == 200
    assert 'linli_gateway_breakers_open{service="points"} 1.0' in metrics()


async def _batches_go_first(door: Door, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.breakers.IN_FLIGHT_MAX", 8)
    waiting = [asyncio.create_task(door.http.get(f"{ME}?do=wait", headers=door.bearer())) for _ in range(4)]
    before = len(upstream.seen)
    while len(upstream.seen) < before + 4:  # noqa: ASYNC110 - another task decides when
        await asyncio.sleep(0.01)
    batch = await door.http.post(CORRIDORS, headers=door.write(OFFICIAL), content=b"{}")
    resident = await door.http.get("/v1/points/earning-rules", headers=door.bearer())
    await asyncio.gather(*waiting)
    assert (batch.status_code, batch.json()["type"].rsplit("/")[-1], batch.headers["retry-after"]) == (
        503,
        "overloaded",
        "1",
    )
    assert resident.status_code == 200


async def _retries_only_reads(start_gateway: StartGateway) -> None:
    for method, path, sent in (("GET", ME, 3), ("POST", QUOTES, 2)):
        breaking = _Breaking(healthy=1)
        async with await asyncio.start_server(breaking, "127.0.0.1", 0) as server:
            door = await start_gateway({"points": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"})
            for _ in range(2):
                await door.http.request(method, path, headers=door.write())
        assert (method, len(breaking.calls)) == (method, sent)


async def test_a_caller_who_leaves_does_not_close_a_breaker(
    upstream: Upstream, start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried = [routes.Route(r.method, r.service, r.path, r.roles, r.limit, timeout_s=HURRIED_S) for r in routes.ROUTES]
    monkeypatch.setattr("gateway.main.ROUTES", hurried)
    monkeypatch.setattr("gateway.breakers.OPEN_S", 0.0)
    spaces, is_open = "/v1/scenarios/spaces", 'linli_gateway_breakers_open{service="scenarios"} 1.0'
    async with served(upstream) as url:
        door = await start_gateway({"scenarios": url})
        late = [door.http.get(f"{spaces}?do=wait", headers=door.bearer()) for _ in range(20)]
        assert {answer.status_code for answer in await asyncio.gather(*late)} == {504}
        assert is_open in metrics()
        with pytest.raises(httpx.ReadTimeout):
            await door.http.get(f"{spaces}?do=wait", headers=door.bearer(), timeout=0.2)
        while len(door.audit()) <= len(late):  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.01)
        assert is_open in metrics()
        assert (await door.http.get(spaces, headers=door.bearer())).status_code == 200
        assert is_open not in metrics()
