"""Limits that replicas share: over a simulated clock, on the real database."""

import asyncio

import pytest

from gateway.console.main import create_app as create_console
from gateway.limits import Limit
from gateway.shared_limits import SharedLimiter
from shared.database import Database
from tests.gateway.knock import Door, StartGateway, Upstream, metrics, served
from tests.gateway.ruling import FREE, application, provincial, put, secret_of
from tests.gateway.test_nonces import database_down
from tests.ground import MakeDatabase, identity

LASTS_S, STARTS = 60, 1_700_000_000
ME = "/v1/points/accounts/me"


async def _admitted(limiters: list[SharedLimiter], limit: Limit, times: float, shares: list[int]) -> int:
    """Offer `times` the limit for LASTS_S seconds, spread over replicas by shares; each reports ten times a second."""
    admitted, calls = 0, int(limit.per_s * times * LASTS_S)
    turns = [limiter for limiter, share in zip(limiters, shares, strict=True) for _ in range(share)]
    next_report_s = 0.1
    for call in range(calls):
        at = call * LASTS_S / calls
        if at >= next_report_s:
            next_report_s += 0.1
            for limiter in limiters:
                await limiter.report()
        admitted += turns[call % len(turns)].take("one", limit, STARTS + at).admitted
    return admitted


@pytest.mark.proves("G10")
@pytest.mark.parametrize("shares", [[1], [1, 1, 1, 1], [7, 1, 1, 1]], ids=["1 worker", "4 workers", "4, uneven"])
@pytest.mark.parametrize("limit", [Limit("read", 20, 60), Limit("read", 200, 400)], ids=["person", "application"])
async def test_five_times_the_limit_is_admitted_within_one_percent(
    make_database: MakeDatabase, shares: list[int], limit: Limit
) -> None:
    url = (await make_database("gateway")).app
    databases = [Database(url, name="limits") for _ in shares]
    admitted = await _admitted([SharedLimiter(each) for each in databases], limit, 5, shares)
    for each in databases:
        await each.close()
    assert admitted == pytest.approx(limit.per_s * LASTS_S + limit.burst, rel=0.01)


async def test_a_caller_below_its_limit_is_never_refused_however_many_replicas(make_database: MakeDatabase) -> None:
    database, limit = Database((await make_database("gateway")).app, name="limits"), Limit("read", 20, 20)
    limiters = [SharedLimiter(database) for _ in range(4)]
    assert await _admitted(limiters, limit, 0.95, [1, 1, 1, 1]) == int(limit.per_s * 0.95 * LASTS_S)
    await database.close()


async def test_reports_of_many_replicas_at_once_lose_nothing(make_database: MakeDatabase) -> None:
    database, limit = Database((await make_database("gateway")).app, name="limits"), Limit("read", 1, 10_000)
    limiters = [SharedLimiter(database) for _ in range(32)]
    for limiter in limiters:
        for number in range(10):
            limiter.take(f"caller {number % 5}", limit, STARTS)
            limiter.count({"quota": 1000})
    await asyncio.gather(*(limiter.report() for limiter in limiters))
    for limiter in limiters[:1]:
        for number in range(5):
            limiter.take(f"caller {number}", limit, STARTS)
        limiter.count({"quota": 1000})
        await limiter.report()
        assert {account.tat - STARTS for account in limiter._accounts.values()} == {32 * 2 + 1}
        assert limiter._used == {"quota": 321}
    await database.close()


async def _until_refused(door: Door, path: str, headers: dict[str, str], most: int) -> tuple[int, dict[str, str]]:
    for passed in range(most):
        answer = await door.http.get(path, headers=headers)
        if answer.status_code == 429:
            return passed, dict(answer.headers)
    return most, {}


@pytest.mark.proves("G10")
async def test_limits_and_quotas_hold_over_replicas_by_application_operation_address_and_resident(
    upstream: Upstream, start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(upstream) as url, served(create_console()) as console:
        services = {**dict.fromkeys(("points", "scenarios", "operations"), url), "console": console}
        doors = [await start_gateway(services) for _ in range(2)]
        await _by_resident(doors)
        await _grabbing(doors[0])
        await _by_operation(doors[0])
        await _by_quota(doors)
        monkeypatch.setattr("gateway.admission.ADDRESS", Limit("address", 0.1, 3))
        passed, headers = await _until_refused(doors[0], ME, doors[0].bearer(), 10)
        assert passed < 10
        assert headers["ratelimit-policy"].startswith('"address"')


async def _by_resident(doors: list[Door]) -> None:
    """Sixty at once, whichever replica they come to; another resident is not touched."""
    me, other = (identity(f"resident:{n}", ("resident", "330102001051")) for n in ("limited", "other"))
    statuses = []
    for _ in range(6):
        calls = [doors[number % 2].http.get(ME, headers=doors[0].bearer(me)) for number in range(32)]
        statuses += [answer.status_code for answer in await asyncio.gather(*calls)]
        await asyncio.sleep(0.15)
    refused = await doors[0].http.get(ME, headers=doors[0].bearer(other))
    assert 429 in statuses
    assert refused.status_code == 200


async def _grabbing(door: Door) -> None:
    calls = [door.http.post("/v1/scenarios/bookings", headers=door.write()) for _ in range(32)]
    statuses = [answer.status_code for answer in await asyncio.gather(*calls)]
    assert statuses.count(200) >= 20
    assert 429 in statuses


async def _by_operation(door: Door) -> None:
    operation = "GET /v1/scenarios/activities"
    await put(door, "limit", operation, {"per_s": 0.1, "burst": 2})
    passed, headers = await _until_refused(door, operation.split(" ")[1], door.bearer(), 5)
    assert passed == 2
    assert int(headers["retry-after"]) >= 1
    assert headers["ratelimit-policy"].startswith(f'"{operation}";q=2;w=20')


async def _by_quota(doors: list[Door]) -> None:
    path = FREE.split(" ")[1]
    for name, changed in (("daily", {"calls_per_day_max": 6}), ("monthly", {"calls_per_month_max": 6})):
        await put(doors[0], "application", name, application(**changed))
        secret = await secret_of(doors[0], name)
        statuses = []
        for number in range(8):
            if number == 6:
                await asyncio.sleep(1)  # both replicas have reported by then
            answer = await doors[number % 2].http.get(path, headers=provincial("GET", path, name, secret))
            statuses.append(answer.status_code)
        assert statuses == [200] * 6 + [429] * 2
    await _quota_problem(doors[0], path, secret)


async def _quota_problem(door: Door, path: str, secret: str) -> None:
    refused = await door.http.get(path, headers=provincial("GET", path, "monthly", secret))
    assert refused.json()["type"].endswith("/quota-used-up")
    assert 0 < int(refused.headers["retry-after"]) <= 31 * 86400


async def test_while_the_store_is_down_each_replica_limits_for_itself_and_says_so(ruled: Door) -> None:
    async with database_down(ruled):
        await asyncio.sleep(0.5)
        calls = [ruled.http.get(ME, headers=ruled.bearer()) for _ in range(160)]
        statuses = [answer.status_code for answer in await asyncio.gather(*calls)]
        assert statuses.count(200) >= 60
        assert 429 in statuses
        assert "linli_gateway_limits_local 1.0" in metrics()
        assert (await ruled.http.post("/v1/points/quotes", headers=ruled.write())).status_code == 200
    await asyncio.sleep(0.5)
    assert "linli_gateway_limits_local 0.0" in metrics()
