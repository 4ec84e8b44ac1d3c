"""What is in force is data: checked before, applied whole between two calls, and taken back the same way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from shared.identity import Identity
from tests.gateway.knock import ADMINISTRATORS, Door
from tests.gateway.ruling import decide, propose, put
from tests.ground import identity

ME, OTHER = "/v1/points/accounts/me", "/v1/scenarios/spaces"
LIMITED = f"GET {ME}"
TWICE = {"per_s": 0.001, "burst": 2}


def _resident(number: int) -> Identity:
    return identity(f"resident:{number}", ("resident", "330102001051"))


async def _admitted(door: Door, number: int) -> int:
    """Return how many of five calls a resident who has not called yet may make."""
    answers = [await door.http.get(ME, headers=door.bearer(_resident(number))) for _ in range(5)]
    return sum(answer.status_code == 200 for answer in answers)


@asynccontextmanager
async def _calls(door: Door) -> AsyncIterator[None]:
    """Let calls go on while the block lasts, and see that none fails."""
    failed, done = [], asyncio.Event()

    async def call() -> None:
        while not done.is_set():
            answer = await door.http.get(OTHER, headers=door.bearer())
            if answer.status_code != 200:
                failed.append(answer.text)
            await asyncio.sleep(0.06)  # below a resident's own limit

    calling = asyncio.create_task(call())
    yield
    done.set()
    await calling
    assert failed == []


@pytest.mark.proves("G21")
async def test_configuration_is_checked_applied_and_rolled_back_without_losing_a_call(ruled: Door) -> None:
    async with _calls(ruled):
        for malformed in ({"per_s": 0, "burst": 1}, {"per_s": 1}, {**TWICE, "more": 1}):
            refused = await propose(ruled, "limit", LIMITED, malformed)
            assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "document-malformed")
        assert await _admitted(ruled, 2) == 5
        change_id = await put(ruled, "limit", LIMITED, TWICE)
        assert await _admitted(ruled, 3) == 2
        path = f"/v1/console/changes/{change_id}/reversal"
        back = await ruled.http.post(path, headers=ruled.write(ADMINISTRATORS[0]), json={"reason": "回退"})
        assert await _admitted(ruled, 4) == 2
        assert (await decide(ruled, back.json()["id"])).status_code == 200
        await asyncio.sleep(0.7)
        assert await _admitted(ruled, 5) == 5


async def test_what_cannot_be_read_leaves_the_whole_that_was_in_force(ruled: Door) -> None:
    await put(ruled, "limit", LIMITED, TWICE)
    connection = await asyncpg.connect(ruled.database.admin)
    by_hand = "INSERT INTO setting (kind, name, revision, document, changed_by) VALUES ($1, $2, 1, $3, uuidv7())"
    async with _calls(ruled):
        await connection.execute(by_hand, "limit", f"GET {OTHER}", '{"per_s": 1, "burst": 0}')
        await connection.execute(by_hand, "switch", "read-only", '{"stopped": true}')
        await asyncio.sleep(0.7)
        assert await _admitted(ruled, 2) == 2
        assert (await ruled.http.post("/v1/points/quotes", headers=ruled.write())).status_code == 200
        await connection.execute("DELETE FROM setting WHERE name = $1", f"GET {OTHER}")
        await asyncio.sleep(0.7)
        assert (await ruled.http.post("/v1/points/quotes", headers=ruled.write())).status_code == 503
    await connection.close()
