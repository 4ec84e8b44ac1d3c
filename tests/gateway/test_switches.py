"""Emergency switches: one person stops, in force in under five seconds; two persons let it go on."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.gateway.knock import Door, Upstream
from tests.gateway.ruling import DEEDS, FREE, application, decide, propose, provincial, put, secret_of

QUOTES, ME = "/v1/points/quotes", "/v1/points/accounts/me"
IN_FORCE_S = 5


async def _until(door: Door, status: int, method: str, path: str) -> None:
    async def now() -> int:
        return (await door.http.request(method, path, headers=door.write())).status_code

    await _comes(now, status)


async def _comes(status: Callable[[], Awaitable[int]], wanted: int) -> None:
    """Wait for an answer with a status; the limit is the row's own."""
    async with asyncio.timeout(IN_FORCE_S):
        while await status() != wanted:  # noqa: ASYNC110 - another process decides when
            await asyncio.sleep(0.05)


@pytest.mark.proves("G22")
async def test_each_switch_stops_what_it_names_at_once_and_two_persons_let_it_go_on(
    ruled: Door, upstream: Upstream
) -> None:
    await put(ruled, "application", "bins-2", application())
    secret = await secret_of(ruled, "bins-2")
    free = FREE.split(" ")[1]

    async def application_reads() -> int:
        return (await ruled.http.get(free, headers=provincial("GET", free, "bins-2", secret))).status_code

    stopped = await propose(ruled, "switch", "read-only", {"stopped": True})
    await _until(ruled, 503, "POST", QUOTES)
    refused = await ruled.http.post(QUOTES, headers=ruled.write())
    assert (refused.json()["switch"], refused.headers["retry-after"]) == ("read-only", "1")
    assert (await ruled.http.get(ME, headers=ruled.bearer())).status_code == 200
    assert (await decide(ruled, stopped.json()["id"])).status_code == 200
    back = await propose(ruled, "switch", "read-only", {"stopped": False})
    assert (await ruled.http.post(QUOTES, headers=ruled.write())).status_code == 503
    await decide(ruled, back.json()["id"])
    await _until(ruled, 200, "POST", QUOTES)

    await propose(ruled, "switch", "operation:GET /v1/points/accounts/me", {"stopped": True})
    await _until(ruled, 503, "GET", ME)
    assert (await ruled.http.post(QUOTES, headers=ruled.write())).status_code == 200

    assert await application_reads() == 200
    await propose(ruled, "switch", "application:bins-2", {"stopped": True})
    await _comes(application_reads, 503)
    assert upstream.seen


async def test_a_second_person_who_rejects_an_emergency_undoes_it(ruled: Door) -> None:
    stopped = await propose(ruled, "switch", "read-only", {"stopped": True})
    await _until(ruled, 503, "POST", QUOTES)
    assert (await decide(ruled, stopped.json()["id"], "rejected")).status_code == 200
    await _until(ruled, 200, "POST", QUOTES)


async def test_switches_do_not_lock_out_those_who_turn_them_off(ruled: Door) -> None:
    names = ["read-only", "operation:POST /v1/console/changes", f"operation:{DEEDS}"]
    for name in names:
        assert (await propose(ruled, "switch", name, {"stopped": True})).status_code == 201
    await _until(ruled, 503, "POST", QUOTES)
    assert (await propose(ruled, "switch", "application:bins-2", {"stopped": True})).status_code == 201
