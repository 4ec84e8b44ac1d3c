"""Who is let in, and above all who is not."""

import asyncio
import base64
import hmac
import json
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import jwt
import pytest

from gateway.dialects.core import sign
from gateway.dialects.provincial import signing_string
from gateway.refusals import BadToken
from gateway.tokens import AUDIENCE, LIFETIME_S, Issuer, TokenVerifier
from tests.gateway.knock import PASSWORD, PUBLIC_URL, RESIDENT, SECRET, Door, Upstream, pem

PATH = "/v1/points/accounts/me"


def _signed(path: str, *, access_key: str = "bins", secret: str = SECRET, method: str = "GET") -> dict[str, str]:
    date = format_datetime(datetime.now(UTC), usegmt=True)
    bare, _, query = path.partition("?")
    text = signing_string(method, bare.encode(), query.encode(), access_key.encode(), date.encode())
    return {
        "X-BG-HMAC-ACCESS-KEY": access_key,
        "X-BG-HMAC-ALGORITHM": "hmac-sha256",
        "X-BG-DATE-TIME": date,
        "X-BG-HMAC-SIGNATURE": sign(secret.encode(), "sha256", text).decode(),
        "Idempotency-Key": "one-key-of-a-test",
    }


async def test_an_application_is_let_in_by_its_signature(door: Door, upstream: Upstream) -> None:
    path = "/v1/points/deeds?note=%E9%82%BB%20(%27a%27)&b"
    answer = await door.http.post(path, headers=_signed(path, method="POST"), content=b"{}")
    assert answer.status_code == 200
    claims = jwt.decode(upstream.seen[0].headers["linli-identity"], options={"verify_signature": False})
    assert (claims["sub"], claims["roles"]) == ("application:bins", [["device", "330102"]])


async def test_the_four_refusals_of_a_signature_are_the_provinces_word_for_word(door: Door, upstream: Upstream) -> None:
    path = "/v1/points/deeds"
    stale = {**_signed(path, method="POST"), "X-BG-DATE-TIME": "Tue, 09 Nov 2021 08:49:20 GMT"}
    refused = [
        await door.http.post(path, headers=_signed(path, method="POST", secret="wrong")),
        await door.http.post(path, headers=_signed(path, method="POST", access_key="nobody")),
        await door.http.post(path, headers=stale),
        await door.http.get(PATH, headers=_signed(PATH)),
    ]
    assert [(answer.status_code, answer.text) for answer in refused] == [
        (401, '{"message":"Invalid signature"}'),
        (401, '{"message":"Invalid access key"}'),
        (401, '{"message":"Clock skew exceeded"}'),
        (401, '{"message":"The route_id is forbidden."}'),
    ]
    assert upstream.seen == []


async def test_nothing_and_two_things_are_no_credentials(door: Door, upstream: Upstream) -> None:
    for headers in ({}, {**_signed(PATH), **door.bearer()}, {"Authorization": "Basic bGk6bGk="}):
        answer = await door.http.get(PATH, headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["type"].endswith("/credentials-required")
    assert upstream.seen == []


def _segment(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _claims(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - hostile on purpose
    now = int(time.time())
    good = {"iss": PUBLIC_URL, "aud": AUDIENCE, "iat": now, "exp": now + 60, "sub": "resident:1"}
    claims = {**good, "roles": [["resident", "330102001051"]], "level": 3, **changed}
    return {name: value for name, value in claims.items() if value is not None}


def _hostile(door: Door) -> dict[str, str]:
    kid = door.issuer.key_id
    header = {"typ": "at+jwt", "kid": kid}

    def signed(key: str = door.token_key, headers: dict[str, str] | None = None, **changed: Any) -> str:  # noqa: ANN401
        return jwt.encode(_claims(**changed), key, "ES256", headers=headers or header)

    good = signed()
    head, payload, signature = good.split(".")
    public = json.dumps(door.issuer.key_set()["keys"][0]).encode()
    confused = f"{_segment({'alg': 'HS256', **header})}.{payload}"
    forged = base64.urlsafe_b64encode(hmac.digest(public, confused.encode(), "sha256")).rstrip(b"=").decode()
    return {
        "none": f"{_segment({'alg': 'none', **header})}.{payload}.",
        "none without the last dot": f"{_segment({'alg': 'NONE', **header})}.{payload}",
        "public key as a shared secret": f"{confused}.{forged}",
        "another key": signed(pem().private),
        "another key under a jku of its own": signed(pem().private, {**header, "jku": "http://evil.test/jwks.json"}),
        "another audience": signed(aud="other"),
        "no audience": signed(aud=None),
        "another issuer": signed(iss="http://evil.test"),
        "no issuer": signed(iss=None),
        "an identity token's type": signed(headers={**header, "typ": "linli-identity+jwt"}),
        "no type of its own": signed(headers={**header, "typ": "JWT"}),
        "an unknown kid": signed(headers={**header, "kid": "other"}),
        "expired": signed(exp=int(time.time()) - 1),
        "without an end": signed(exp=None),
        "not yet issued": signed(iat=int(time.time()) + 3600),
        "no subject": signed(sub=None),
        "no roles": signed(roles=None),
        "roles of another form": signed(roles=[["resident"]]),
        "a changed payload": f"{head}.{_segment(_claims(roles=[['official', '33']]))}.{signature}",
        "a cut signature": good[:-4],
        "no signature": f"{head}.{payload}.",
        "rubbish": "rubbish",
        "very long": "x" * 5000,
        "a critical extension": signed(headers={**header, "crit": ["exp2"]}),  # type: ignore[dict-item]
    }


async def test_hostile_tokens_are_refused(door: Door, upstream: Upstream) -> None:
    for name, token in _hostile(door).items():
        answer = await door.http.get(PATH, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, name) == (401, name)
    assert upstream.seen == []
    assert (await door.http.get(PATH, headers=door.bearer())).status_code == 200


async def test_a_checked_token_is_remembered_no_longer_than_it_lives() -> None:
    issuer = Issuer(PUBLIC_URL, pem().private)
    verifier = TokenVerifier(issuer)
    token = issuer.issue(RESIDENT, time.time() - LIFETIME_S + 2)
    for _ in range(2):
        assert (await verifier.verify(token, writes=False)).identity == RESIDENT
    await asyncio.sleep(2.1)
    with pytest.raises(BadToken):
        await verifier.verify(token, writes=False)


async def test_a_sandbox_user_logs_in_and_the_token_opens_the_door(door: Door) -> None:
    answer = await door.http.post("/auth/token", json={"username": "li", "password": PASSWORD})
    assert (answer.status_code, answer.json()["expires_in"], answer.headers["cache-control"]) == (200, 3600, "no-store")
    token = answer.json()["access_token"]
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    assert (await door.http.get(PATH, headers={"Authorization": f"bearer {token}"})).status_code == 200
    [key] = (await door.http.get("/.well-known/jwks.json")).json()["keys"]
    assert "d" not in key
    assert jwt.decode(token, jwt.PyJWK(key), ["ES256"], audience=AUDIENCE)["sub"] == "resident:1"


async def test_failures_to_log_in_are_counted_and_then_even_the_right_password_waits(door: Door) -> None:
    wrong = [await door.http.post("/auth/token", json={"username": "li", "password": "no"}) for _ in range(5)]
    assert [answer.status_code for answer in wrong] == [401] * 5
    answer = await door.http.post("/auth/token", json={"username": "li", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    unknown = await door.http.post("/auth/token", json={"username": "nobody", "password": "no"})
    assert unknown.json()["type"] == wrong[0].json()["type"]


def test_the_key_id_is_the_thumbprint_of_the_key() -> None:
    issuer = Issuer(PUBLIC_URL, pem().private)
    assert len(issuer.key_id) == 43
    assert issuer.key_set()["keys"][0]["kid"] == issuer.key_id
