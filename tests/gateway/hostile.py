"""The published ways of forging a token (RFC 8725, CVE-2015-9235, -2016-5431, -2018-0114, -2022-21449 and others)."""

import base64
import hmac
import json
import time
from typing import Any

import jwt
from jwt.algorithms import ECAlgorithm

from tests.gateway.knock import pem
from tests.gateway.simulators import OidcIssuer

HEADER = {"typ": "at+jwt", "kid": "ec-1"}


def hostile(issuer: OidcIssuer, other: OidcIssuer) -> dict[str, str]:
    """Return hostile tokens by what is wrong with them."""
    return {**_unsigned(issuer), **_foreign_keys(issuer, other), **_wrong_claims(issuer), **_mangled(issuer)}


def _b64(value: bytes | dict[str, Any]) -> str:
    data = json.dumps(value).encode() if isinstance(value, dict) else value
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unsigned(issuer: OidcIssuer) -> dict[str, str]:
    head, payload, _ = issuer.token().split(".")
    rsa_public = json.dumps(issuer.key_set()["keys"][1]).encode()

    def unsigned(algorithm: str) -> str:
        return f"{_b64({**HEADER, 'alg': algorithm})}.{payload}."

    def confused(key: bytes, kid: str) -> str:
        text = f"{_b64({**HEADER, 'alg': 'HS256', 'kid': kid})}.{payload}"
        return f"{text}.{_b64(hmac.digest(key, text.encode(), 'sha256'))}"

    return {
        **{f"alg {name}": unsigned(name) for name in ("none", "None", "NONE", "nOnE", "", "hs256", "ES256")},
        "none with a signature": unsigned("none") + _b64(b"x"),
        "no alg": f"{_b64(HEADER)}.{payload}.",
        "the public key as a shared secret": confused(rsa_public, "rsa-1"),
        "an empty shared secret": confused(b"", "ec-1"),
        "psychic signature": f"{head}.{payload}.{_b64(bytes(64))}",
        "a signature of one": f"{head}.{payload}.{_b64(bytes(31) + bytes([1]) + bytes(32))}",
    }


def _foreign_keys(issuer: OidcIssuer, other: OidcIssuer) -> dict[str, str]:
    evil, good = pem(), issuer.token()
    _, payload, signature = good.split(".")
    algorithm = ECAlgorithm(ECAlgorithm.SHA256)
    evil_key = ECAlgorithm.to_jwk(algorithm.prepare_key(evil.public), as_dict=True)
    claims = jwt.decode(good, options={"verify_signature": False})

    def forged(headers: dict[str, Any]) -> str:
        return jwt.encode(claims, evil.private, "ES256", headers={**HEADER, **headers})

    return {
        "another key": forged({}),
        "a key of its own in jwk": forged({"jwk": evil_key}),
        "a key of its own at jku": forged({"jku": "https://evil.test/jwks"}),
        "a key of its own at x5u": forged({"x5u": "https://evil.test/cert"}),
        "a certificate of its own": forged({"x5c": ["MIIB"]}),
        "kid out of the folder": forged({"kid": "../../../../dev/null"}),
        "kid with SQL": forged({"kid": "' UNION SELECT 'key"}),
        "kid with a command": forged({"kid": "ec-1|sleep 9"}),
        "kid of the other algorithm": forged({"kid": "rsa-1"}),
        "kid of nobody": forged({"kid": "nobody"}),
        "kid is no text": f"{_b64({**HEADER, 'alg': 'ES256', 'kid': 1})}.{payload}.{signature}",
        "no kid": f"{_b64({'typ': 'at+jwt', 'alg': 'ES256'})}.{payload}.{signature}",
        "another issuer's key": other.token(iss=issuer.name),
        "an issuer that is not trusted": issuer.token(iss="https://evil.test"),
        "the issuer with a slash more": issuer.token(iss=issuer.name + "/"),
        "no issuer": issuer.token(iss=None),
    }


def _wrong_claims(issuer: OidcIssuer) -> dict[str, str]:
    now = int(time.time())
    return {
        "an ID token": issuer.token(headers={"typ": "JWT"}),
        "no type": issuer.token(headers={"typ": None}),
        "a logout token": issuer.token(headers={"typ": "logout+jwt"}),
        "another audience": issuer.token(aud="other"),
        "audience of others": issuer.token(aud=["a", "b"]),
        "no audience": issuer.token(aud=None),
        "audience in part": issuer.token(aud="linl"),
        "expired": issuer.token(exp=now - 1),
        "never expires": issuer.token(exp=None),
        "expires as text": issuer.token(exp="soon"),
        "not yet": issuer.token(nbf=now + 600),
        "issued tomorrow": issuer.token(iat=now + 86400),
        "no subject": issuer.token(sub=None),
        "a role that it may not give": issuer.token(roles=[["official", "330102"]]),
        "a role where it may not": issuer.token(roles=[["resident", "330281002015"]]),
        "a role above where it may": issuer.token(roles=[["resident", "33"]]),
        "roles of another form": issuer.token(roles="resident"),
        "no roles": issuer.token(roles=None),
        "no level": issuer.token(level=None),
        "a level that is no number": issuer.token(level=True),
        "a critical extension": issuer.token(headers={"crit": ["exp"], "exp": 1}),
        "an unencoded payload": issuer.token(headers={"b64": False, "crit": ["b64"]}),
    }


def _mangled(issuer: OidcIssuer) -> dict[str, str]:
    good = issuer.token()
    head, payload, signature = good.split(".")
    claims = jwt.decode(good, options={"verify_signature": False})
    return {
        "two segments": f"{head}.{payload}",
        "five segments": f"{good}.{payload}.{signature}",
        "a changed payload": f"{head}.{_b64({**claims, 'roles': [['resident', '330102']]})}.{signature}",
        "a subject that is no text": f"{head}.{_b64({**claims, 'sub': 1})}.{signature}",
        "a changed header": f"{_b64({**HEADER, 'alg': 'ES256', 'x': 1})}.{payload}.{signature}",
        "a cut signature": good[:-4],
        "padding": good + "==",
        "spaces in it": f"{head} .{payload}.{signature}",
        "not JSON": f"{_b64(b'{')}.{payload}.{signature}",
        "a list for a payload": f"{head}.{_b64(b'[]')}.{signature}",
        "deep JSON": f"{head}.{_b64(b'[' * 1500)}.{signature}",
        "very long": good + "A" * 5000,
        "dots": "..",
    }
