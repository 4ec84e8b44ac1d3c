"""Access tokens of the local issuer: made for sandbox users, checked like anybody's."""

import base64
import hashlib
import json
import time
from collections import OrderedDict
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm

from gateway.refusals import BadToken
from shared.identity import Identity, Role

ALGORITHM = "ES256"
AUDIENCE = "linli"
TYPE = "at+jwt"
LIFETIME_S = 3600
TOKEN_MAX_CHARS = 4096
CHECKED_MAX = 8192


class Issuer:
    """The local issuer: one key, one name."""

    def __init__(self, name: str, private_key: str) -> None:
        key = load_pem_private_key(private_key.encode(), password=None)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise TypeError("LINLI_TOKEN_PRIVATE_KEY must be an EC P-256 key")
        self.name = name
        self._private = key
        self.public = key.public_key()
        self._jwk: dict[str, Any] = ECAlgorithm.to_jwk(self.public, as_dict=True)
        # RFC 7638: the thumbprint is of the required members in lexical order, without spaces.
        members = json.dumps({name: self._jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
        digest = hashlib.sha256(members.encode()).digest()
        self.key_id = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def issue(self, identity: Identity, now: float) -> str:
        """Return a token for this user, good for LIFETIME_S seconds from `now` (Unix time)."""
        claims: dict[str, Any] = {
            "iss": self.name,
            "aud": AUDIENCE,
            "iat": int(now),
            "exp": int(now) + LIFETIME_S,
            "sub": identity.subject,
            "roles": [[held.role, held.prefix] for held in identity.roles],
        }
        return jwt.encode(claims, self._private, ALGORITHM, headers={"typ": TYPE, "kid": self.key_id})

    def key_set(self) -> dict[str, Any]:
        """Return the public keys (RFC 7517), for whoever checks the tokens."""
        return {"keys": [{**self._jwk, "use": "sig", "alg": ALGORITHM, "kid": self.key_id}]}


class TokenVerifier:
    """Checks access tokens, and remembers the checked ones until they expire."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._checked: OrderedDict[str, tuple[float, Identity]] = OrderedDict()

    def verify(self, token: str) -> Identity:
        """Return who the token speaks of.

        Raises:
            BadToken: It is not a live access token of the issuer for this platform.
        """
        known = self._checked.get(token)
        if known and known[0] > time.time():
            return known[1]
        if len(token) > TOKEN_MAX_CHARS:
            raise BadToken
        try:
            expires, identity = self._check(token)
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise BadToken from error
        self._checked[token] = (expires, identity)
        if len(self._checked) > CHECKED_MAX:
            self._checked.popitem(last=False)
        return identity

    def _check(self, token: str) -> tuple[float, Identity]:
        read = jwt.decode_complete(
            token,
            self._issuer.public,
            [ALGORITHM],
            audience=AUDIENCE,
            issuer=self._issuer.name,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
        header, claims = read["header"], read["payload"]
        if str(header.get("typ")).lower() != TYPE or header.get("kid") != self._issuer.key_id:
            raise BadToken
        return claims["exp"], Identity(claims["sub"], tuple(Role(str(role), str(at)) for role, at in claims["roles"]))
