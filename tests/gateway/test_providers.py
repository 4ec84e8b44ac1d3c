"""Grants per operation, denied by default; the white and the black list come from operations' events."""

import asyncio
import json
import uuid
from datetime import UTC, datetime

import pytest
from asgi_lifespan import LifespanManager

from gateway.console.worker import create_app
from shared.database import Database
from shared.events.operations import ProviderDebarred, ProviderListed, ProviderRestored
from shared.outbox import publish
from tests.gateway.knock import Door
from tests.gateway.ruling import DEEDS, FREE, application, provincial, put, secret_of
from tests.ground import MakeDatabase

IN_FORCE_S = 5
PROVIDER, COMMUNITY = uuid.UUID("01920000-0000-7000-8000-000000000001"), "330102001051"
FREE_PATH, DEEDS_PATH = FREE.split(" ")[1], DEEDS.split(" ")[1]


async def _comes(door: Door, secret: str, wanted: int) -> None:
    """Wait for a status; the limit is the row's own."""
    async with asyncio.timeout(IN_FORCE_S):
        while True:
            answer = await door.http.get(FREE_PATH, headers=provincial("GET", FREE_PATH, "till", secret))
            if answer.status_code == wanted:
                return
            await asyncio.sleep(0.05)


@pytest.mark.proves("G8")
async def test_an_application_calls_what_it_was_granted_and_only_while_its_provider_is_on_the_white_list(
    ruled: Door, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = await make_database("operations")
    topics = {"operations": operations, **{name: await make_database(name) for name in ("points", "scenarios")}}
    monkeypatch.setenv("LINLI_LOG_DATABASES", json.dumps({name: each.reader for name, each in topics.items()}))
    told = Database(operations.app, name="operations")
    later = {"operation": FREE, "prefix": "330102", "until": "2099-01-01T00:00:00Z"}
    grants = [later, {"operation": DEEDS, "prefix": "330102", "until": "2020-01-01T00:00:00Z"}]
    document = application(kind="merchant", provider_id=str(PROVIDER), grants=grants)
    async with LifespanManager(create_app(), startup_timeout=30, shutdown_timeout=30):
        await put(ruled, "application", "till", document)
        secret = await secret_of(ruled, "till")
        await _comes(ruled, secret, 401)
        listed = ProviderListed(community_code=COMMUNITY, provider_id=PROVIDER, kind="merchant", name="便利店")
        async with told.transaction() as session:
            await publish(session, listed)
        await _comes(ruled, secret, 200)
        for method, path in (("GET", "/v1/scenarios/activities"), ("POST", DEEDS_PATH)):
            headers = {**provincial(method, path, "till", secret), "Idempotency-Key": "a-key-of-a-test"}
            refused = await ruled.http.request(method, path, headers=headers)
            assert refused.json() == {"message": "The route_id is forbidden."}
        now = datetime.now(UTC)
        debarred = ProviderDebarred(community_code=COMMUNITY, provider_id=PROVIDER, basis="欺诈", effective_at=now)
        async with told.transaction() as session:
            await publish(session, debarred)
        await _comes(ruled, secret, 401)
        everywhere = {"area": "", "scene": "", "ground": "appeal", "effective_at": now}
        restored = ProviderRestored.model_validate({"community_code": COMMUNITY, "provider_id": PROVIDER, **everywhere})
        async with told.transaction() as session:
            await publish(session, restored)
        await _comes(ruled, secret, 200)
    await told.close()
