"""Who is calling: the short-lived signed identity that the gateway sends on, and what it may do where.

The gateway holds the private key; a service holds the public one and refuses anything else (G7). Roles are held at an
administrative prefix: `desk` at 330102001051 is the counter of one community, `official` at 330102 a district's.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Annotated, Any

import jwt
from fastapi import Depends, Request

from shared.errors import OutOfScope, Refusal
from shared.fields import covers

HEADER = "linli-identity"
ALGORITHM = "ES256"
ISSUER = "linli-gateway"
LIFETIME_S = 60
CHECKED_TOKENS_MAX = 4096


@dataclass(frozen=True, slots=True)
class Role:
    """A role at an administrative prefix."""

    role: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller: a pseudonymous subject such as `resident:<uuid>` or `application:<name>`, and its roles."""

    subject: str
    roles: tuple[Role, ...]

    def holds(self, area: str, *roles: str) -> bool:
        """Tell whether the caller holds one of the roles at the area or above it."""
        return any(held.role in roles and covers(held.prefix, area) for held in self.roles)

    def level(self, area: str, role: str) -> int:
        """Return the digits of the widest area in which the caller holds the role over this area: 6 is a district.

        Raises:
            OutOfScope: It holds it nowhere over the area.
        """
        self.require(area, role)
        return min(len(held.prefix) for held in self.roles if held.role == role and covers(held.prefix, area))

    def require(self, area: str, *roles: str) -> None:
        """Refuse unless the caller holds one of the roles in the area.

        Raises:
            OutOfScope: It does not.
        """
        if not self.holds(area, *roles):
            raise OutOfScope(area=area, roles="、".join(roles))

    def require_any(self, *roles: str) -> None:
        """Refuse unless the caller holds one of the roles somewhere: for what belongs to no area.

        Raises:
            OutOfScope: It does not.
        """
        if not any(held.role in roles for held in self.roles):
            raise OutOfScope(area="*", roles="、".join(roles))


@dataclass(kw_only=True, eq=False)
class Unidentified(Refusal):
    """No valid identity token of the gateway came with the request."""

    status = 401
    type = "unidentified"
    title = "缺少有效身份"
    title_en = "No valid identity"
    detail = "服务只接受网关签发的身份。请通过网关访问。"
    detail_en = "A service takes only an identity signed by the gateway. Call through the gateway."


class IdentitySigner:
    """Signs identities for the services; the gateway has one."""

    def __init__(self, private_key: str) -> None:
        self._key = private_key

    def sign(self, identity: Identity, audience: str, *, now: float) -> str:
        """Return a token for one service, good for LIFETIME_S seconds from `now` (Unix time)."""
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": audience,
            "iat": int(now),
            "exp": int(now) + LIFETIME_S,
            "sub": identity.subject,
            "roles": [[held.role, held.prefix] for held in identity.roles],
        }
        return jwt.encode(claims, self._key, ALGORITHM, headers={"typ": "linli-identity+jwt"})


class IdentityVerifier:
    """Checks the gateway's tokens for one service, and remembers the checked ones until they expire."""

    def __init__(self, public_key: str, audience: str) -> None:
        self._key = public_key
        self._audience = audience
        self._checked: OrderedDict[str, tuple[int, Identity]] = OrderedDict()

    def verify(self, token: str | None) -> Identity:
        """Return the identity in the token.

        Raises:
            Unidentified: There is no token, or it is expired, for another service, or not the gateway's.
        """
        if not token:
            raise Unidentified
        known = self._checked.get(token)
        if known and known[0] > time.time():
            return known[1]
        try:
            claims = jwt.decode(
                token,
                self._key,
                [ALGORITHM],
                audience=self._audience,
                issuer=ISSUER,
                options={"require": ["exp", "iat", "sub"]},
            )
        except jwt.InvalidTokenError as error:
            raise Unidentified from error
        identity = Identity(claims["sub"], tuple(Role(role, prefix) for role, prefix in claims["roles"]))
        self._checked[token] = (claims["exp"], identity)
        if len(self._checked) > CHECKED_TOKENS_MAX:
            self._checked.popitem(last=False)
        return identity


def caller(request: Request) -> Identity:
    """Return who calls, from the gateway's token."""
    verifier: IdentityVerifier = request.app.state.identity_verifier
    return verifier.verify(request.headers.get(HEADER))


Caller = Annotated[Identity, Depends(caller)]
