"""Access tokens (RFC 9068): made by the local issuer, and checked whoever made them."""

import base64
import hashlib
import json
import re
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm

from gateway.issuers import WRITES_KEPT_S, KeysAway, RemoteKeys
from gateway.outages import IssuerAway
from gateway.refusals import BadToken
from shared.fields import covers
from shared.identity import Identity, Role

ALGORITHM = "ES256"
AUDIENCE = "linli"
TYPES = frozenset({"at+jwt", "application/at+jwt"})
TYPE = "at+jwt"
LIFETIME_S = 3600
TOKEN_MAX_CHARS = 4096
CHECKED_MAX = 8192
LEVEL_HIGHEST = 3
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
REQUIRED = ["exp", "iat", "iss", "aud", "sub"]


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token speaks of, and how surely: levels 1 unverified, 2 basic, 3 high (浙里办)."""

    identity: Identity
    level: int


class Issuer:
    """The local issuer: one key, one name."""

    def __init__(self, name: str, private_key: str) -> None:
        key = load_pem_private_key(private_key.encode(), password=None)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise TypeError("LINLI_TOKEN_PRIVATE_KEY must be an EC P-256 key")
        self.name = name
        self._private = key
        self._jwk: dict[str, Any] = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        # RFC 7638: the thumbprint is of the required members in lexical order, without spaces.
        members = json.dumps({name: self._jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
        digest = hashlib.sha256(members.encode()).digest()
        self.key_id = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        self.key = jwt.PyJWK({**self._jwk, "alg": ALGORITHM})

    def issue(self, identity: Identity, now: float, *, level: int = LEVEL_HIGHEST) -> str:
        """Return a token for this user, good for LIFETIME_S seconds from `now` (Unix time)."""
        claims: dict[str, Any] = {
            "iss": self.name,
            "aud": AUDIENCE,
            "iat": int(now),
            "exp": int(now) + LIFETIME_S,
            "sub": identity.subject,
            "roles": [[held.role, held.prefix] for held in identity.roles],
            "level": level,
        }
        return jwt.encode(claims, self._private, ALGORITHM, headers={"typ": TYPE, "kid": self.key_id})

    def key_set(self) -> dict[str, Any]:
        """Return the public keys (RFC 7517), for whoever checks the tokens."""
        return {"keys": [{**self._jwk, "use": "sig", "alg": ALGORITHM, "kid": self.key_id}]}


class TokenVerifier:
    """Checks access tokens of the local issuer and of those that are trusted, and remembers the checked ones."""

    def __init__(self, issuer: Issuer, trusted: Iterable[RemoteKeys] = ()) -> None:
        self._issuer = issuer
        self._trusted = {keys.settings.issuer: keys for keys in trusted}
        self._checked: OrderedDict[str, tuple[float, Bearer, RemoteKeys | None]] = OrderedDict()

    async def verify(self, token: str, *, writes: bool) -> Bearer:
        """Return who the token speaks of.

        Raises:
            BadToken: It is not a live access token, for this platform, of an issuer that is trusted for its roles.
            IssuerAway: Its issuer's keys are too old to go by.
        """
        known = self._checked.get(token)
        if known is None or known[0] <= time.time():
            known = await self._check(token)
            self._checked[token] = known
            if len(self._checked) > CHECKED_MAX:
                self._checked.popitem(last=False)
        if writes and known[2] is not None and known[2].age_s() > WRITES_KEPT_S:
            raise IssuerAway
        return known[1]

    async def _check(self, token: str) -> tuple[float, Bearer, RemoteKeys | None]:
        if len(token) > TOKEN_MAX_CHARS or not _COMPACT.fullmatch(token):
            raise BadToken
        try:
            header = jwt.get_unverified_header(token)
            claimed = jwt.decode(token, options={"verify_signature": False})
            name, key_id = claimed.get("iss"), header.get("kid")
            if str(header.get("typ")).lower() not in TYPES or not isinstance(key_id, str) or "crit" in header:
                raise BadToken
            remote = None if name == self._issuer.name else self._trusted.get(str(name))
            return await self._decode(token, key_id, remote)
        except KeysAway as error:
            raise IssuerAway from error
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise BadToken from error

    async def _decode(
        self, token: str, key_id: str, remote: RemoteKeys | None
    ) -> tuple[float, Bearer, RemoteKeys | None]:
        """Check a token against its issuer's key; without a trusted issuer it can only be the local one's."""
        key: jwt.PyJWK | None = self._issuer.key if key_id == self._issuer.key_id else None
        name, algorithms = self._issuer.name, [ALGORITHM]
        if remote:
            key, name, algorithms = await remote.key(key_id), remote.settings.issuer, [*remote.settings.algorithms]
        if key is None:
            raise BadToken
        claims = jwt.decode(token, key, algorithms, audience=AUDIENCE, issuer=name, options={"require": REQUIRED})
        roles = tuple(Role(str(role), str(at)) for role, at in claims["roles"])
        if remote and not all(_may_assert(remote, role) for role in roles):
            raise BadToken
        level = claims["level"]
        if type(level) is not int or not isinstance(claims["sub"], str):
            raise BadToken
        return claims["exp"], Bearer(Identity(claims["sub"], roles), level), remote


def _may_assert(remote: RemoteKeys, role: Role) -> bool:
    return any(each.role == role.role and covers(each.prefix, role.prefix) for each in remote.settings.may_assert)
