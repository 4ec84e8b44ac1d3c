"""Users' tokens of other issuers: keys of the issuer alone, turned over and away, and no hostile token accepted."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from gateway.issuers import READS_KEPT_S, WRITES_KEPT_S, RemoteKeys
from tests.gateway.hostile import hostile
from tests.gateway.knock import RESIDENT, Door, StartGateway, Upstream, metrics, served
from tests.gateway.simulators import OidcIssuer

ME, QUOTES = "/v1/points/accounts/me", "/v1/points/quotes"


@dataclass
class Trusting:
    """A door that trusts two issuers, and what it keeps of the first."""

    door: Door
    issuer: OidcIssuer
    other: OidcIssuer


@pytest.fixture
async def trusting(
    upstream: Upstream, start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Trusting]:
    """Give a door that trusts one issuer for residents of a district, another for another's."""
    issuer, other = OidcIssuer("https://id.test/one"), OidcIssuer("https://id.test/two")
    async with served(upstream) as url, served(issuer.app()) as first, served(other.app()) as second:
        trusted = [
            {
                "issuer": each.name,
                "jwks_url": f"{address}/jwks",
                "algorithms": ["ES256", "RS256"],
                "may_assert": [{"role": "resident", "prefix": prefix}],
            }
            for each, address, prefix in ((issuer, first, "330102"), (other, second, "330281"))
        ]
        monkeypatch.setenv("LINLI_ISSUERS", json.dumps(trusted))
        monkeypatch.setattr("gateway.issuers.UNKNOWN_KID_PAUSE_S", 0.0)
        yield Trusting(await start_gateway({"points": url}), issuer, other)


async def _read(door: Door, token: str) -> int:
    return (await door.http.get(ME, headers={"Authorization": f"Bearer {token}"})).status_code


async def _write(door: Door, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "a-key-of-a-test"}
    return (await door.http.post(QUOTES, headers=headers)).status_code


@pytest.mark.proves("G5")
async def test_tokens_of_trusted_issuers_are_good_for_what_they_may_assert_and_no_hostile_one_is(
    trusting: Trusting, upstream: Upstream
) -> None:
    door, issuer, other = trusting.door, trusting.issuer, trusting.other
    for token in (issuer.token("ec-1"), issuer.token("rsa-1"), issuer.token(aud=["x", "linli"])):
        assert (await _read(door, token), await _write(door, token)) == (200, 200)
    assert await _read(door, other.token(roles=[["resident", "330281002015"]])) == 200
    assert await _read(door, door.issuer.issue(RESIDENT, time.time())) == 200
    passed = len(upstream.seen)
    accepted = [name for name, token in hostile(issuer, other).items() if await _read(door, token) != 401]
    assert accepted == []
    assert len(upstream.seen) == passed
    issuer.turn_over("2")
    assert await _read(door, issuer.token("ec-2")) == 200
    assert await _read(door, _signed_by_the_old(issuer)) == 401


async def test_a_key_of_a_kind_that_we_have_not_keeps_no_other_from_being_read(trusting: Trusting) -> None:
    trusting.issuer.others = [
        {"kid": "new", "kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"},
        {"kid": "to-encrypt", "kty": "RSA", "alg": "RSA-OAEP", "n": "AQAB", "e": "AQAB"},
    ]
    assert await _read(trusting.door, trusting.issuer.token()) == 200


def _signed_by_the_old(issuer: OidcIssuer) -> str:
    new, issuer.keys = issuer.keys, OidcIssuer(issuer.name).keys
    token = issuer.token("ec-1")
    issuer.keys = new
    return token


async def test_an_unknown_key_id_asks_the_issuer_once_in_a_while_and_not_for_each_call(
    trusting: Trusting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.issuers.UNKNOWN_KID_PAUSE_S", 60.0)
    for number in range(20):
        assert await _read(trusting.door, trusting.issuer.token(headers={"kid": f"invented-{number}"})) == 401
    assert trusting.issuer.asked == 1


async def test_while_the_issuer_is_down_its_keys_are_good_for_an_hour_of_writes_and_a_day_of_reads(
    trusting: Trusting, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, token = trusting.door, trusting.issuer.token()
    assert (await _read(door, token), await _write(door, token)) == (200, 200)
    trusting.issuer.is_down = True
    real = RemoteKeys.age_s
    for age_s, reads, writes in (
        (WRITES_KEPT_S - 60, 200, 200),
        (WRITES_KEPT_S + 60, 200, 503),
        (READS_KEPT_S + 60, 503, 503),
    ):
        monkeypatch.setattr(RemoteKeys, "age_s", lambda self, more=age_s: real(self) + more)
        fresh = trusting.issuer.token(sub=f"resident:{age_s}")
        assert (await _read(door, fresh), await _write(door, fresh)) == (reads, writes)
    assert 'linli_gateway_issuer_key_age_seconds{issuer="https://id.test/one"}' in metrics()
