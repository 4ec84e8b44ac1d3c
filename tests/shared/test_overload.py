"""A service with more requests than connections says so, and does nothing of what it refuses."""

import asyncio
import uuid

import asyncpg
import pytest

from tests.ground import StartApi, identity

OFFICIAL = identity("staff:wang", ("official", "330102"))
POOL_SIZE = 8


async def test_a_request_that_gets_no_connection_is_told_to_come_again_with_its_key(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.database.POOL_TIMEOUT_S", 0.2)
    api = await start_api("points")
    rule = {
        "kind": "rule",
        "community_code": "330102001051",
        "activity": "recycling",
        "asset_class": "service",
        "points": 1,
        "per_quantity": 1,
        "points_max_per_deed": 1,
        "effective_from": "2026-01-01T00:00:00+08:00",
    }
    admin = await asyncpg.connect(api.database.admin)
    await admin.execute("INSERT INTO community VALUES ('330102001051', '清波门社区')")
    locked = admin.transaction()
    await locked.start()
    await admin.execute("LOCK TABLE proposal IN ACCESS EXCLUSIVE MODE")
    held = [asyncio.create_task(api.post("/proposals", OFFICIAL, rule)) for _ in range(POOL_SIZE)]
    await asyncio.sleep(0.5)
    key = uuid.uuid4().hex
    refused = await api.post("/proposals", OFFICIAL, rule, key=key)
    assert refused.status_code == 503
    assert refused.json()["type"].endswith("/overloaded")
    assert refused.headers["Retry-After"] == "1"
    await locked.rollback()
    await admin.close()
    assert {answer.status_code for answer in await asyncio.gather(*held)} == {201}
    again = await api.post("/proposals", OFFICIAL, rule, key=key)
    assert again.status_code == 201
    assert "Idempotency-Replayed" not in again.headers
