"""The identity that goes on to a service, checked by a service built as all services are."""

import time

import jwt
import pytest
from fastapi import APIRouter
from pydantic import SecretStr

from gateway.onward import FRESH_S, IdentityTokens
from shared.identity import LIFETIME_S, Caller, IdentitySigner
from shared.service import create_service
from shared.settings import ServiceSettings
from tests.gateway.knock import RESIDENT, StartGateway, pem, served
from tests.ground import Keys

router = APIRouter()


@router.get("/accounts/me")
async def account(who: Caller) -> dict[str, object]:
    """Say who calls."""
    return {"subject": who.subject, "roles": [[held.role, held.prefix] for held in who.roles]}


@pytest.mark.proves("G7")
async def test_a_service_learns_who_calls_from_a_short_lived_signed_token_and_refuses_anything_else(
    start_gateway: StartGateway, identity_keys: Keys
) -> None:
    settings = ServiceSettings(
        database_url=SecretStr("postgresql://nobody@127.0.0.1:1/none"), identity_public_key=identity_keys.public
    )
    async with served(create_service("points", "points", settings, [router])) as url:
        door = await start_gateway({"points": url})
        forged = IdentitySigner(pem().private).sign(RESIDENT, "points", now=time.time())
        other = IdentitySigner(identity_keys.private).sign(RESIDENT, "operations", now=time.time())
        old = IdentitySigner(identity_keys.private).sign(RESIDENT, "points", now=time.time() - LIFETIME_S - 1)
        for token in (None, "", "rubbish", forged, other, old, door.bearer()["Authorization"][7:]):
            direct = await door.http.get(f"{url}/accounts/me", headers={"Linli-Identity": token} if token else {})
            assert direct.status_code == 401
        # Through the gateway, an inbound copy is stripped and the gateway's own takes its place.
        for inbound in ({}, {"Linli-Identity": forged}, {"linli-identity": "rubbish"}):
            answer = await door.http.get("/v1/points/accounts/me", headers={**door.bearer(), **inbound})
            assert answer.json() == {"subject": "resident:1", "roles": [["resident", "330102001051"]]}


def test_a_token_is_used_again_while_it_is_fresh_and_always_has_half_its_life_left(identity_keys: Keys) -> None:
    tokens, now = IdentityTokens(IdentitySigner(identity_keys.private)), 1_800_000_000
    first = tokens.token(RESIDENT, "points", now)
    assert tokens.token(RESIDENT, "points", now + FRESH_S - 1) == first
    assert tokens.token(RESIDENT, "operations", now) != first
    renewed = tokens.token(RESIDENT, "points", now + FRESH_S)
    assert renewed != first
    claims = jwt.decode(renewed, options={"verify_signature": False})
    assert 30 <= claims["exp"] - (now + FRESH_S) <= 60
