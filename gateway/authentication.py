"""Who calls: a user by a bearer token, or an application by its signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from gateway import signatures
from gateway.refusals import CredentialsRequired, RoleRequired
from gateway.routes import Route
from gateway.sandbox import Application
from gateway.tokens import TokenVerifier
from shared.identity import Identity

_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller who has shown who it is, and how."""

    identity: Identity
    credential: Literal["bearer", "x-bg-hmac", "password"]


class Authenticator:
    """Checks credentials and whether their holder may call a route."""

    def __init__(self, tokens: TokenVerifier, applications: list[Application]) -> None:
        self._tokens = tokens
        self._applications = {
            application.access_key.encode(): (application.identity(), application.secret.get_secret_value())
            for application in applications
        }

    def authenticate(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Caller:
        """Return who calls.

        Raises:
            CredentialsRequired: Nothing says who, or two things do.
            BadToken: The bearer token is not good.
            SignatureRefused: The signature is not good.
        """
        bearer = headers.get(b"authorization")
        signed = any(name.startswith(b"x-bg-hmac-") for name in headers)
        if signed is not (bearer is None):
            raise CredentialsRequired
        if bearer is None:
            return Caller(self._signer(scope, headers), "x-bg-hmac")
        text = bearer.decode("latin-1")
        if text[: len(_BEARER)].lower() != _BEARER:
            raise CredentialsRequired
        return Caller(self._tokens.verify(text[len(_BEARER) :].strip()), "bearer")

    def _signer(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Identity:
        application = self._applications.get(headers.get(signatures.ACCESS_KEY, b""))
        if application is None:
            raise signatures.InvalidAccessKey
        identity, secret = application
        now = datetime.now(UTC)
        signatures.verify(scope["method"], scope["raw_path"], scope["query_string"], headers, secret=secret, now=now)
        return identity


def authorize(caller: Caller, route: Route) -> None:
    """Refuse a caller who holds none of the route's roles anywhere; where it holds them is for the service to judge.

    Raises:
        RoleRequired: A user holds none.
        RouteForbidden: An application holds none.
    """
    if any(held.role in route.roles for held in caller.identity.roles):
        return
    if caller.credential == "x-bg-hmac":
        raise signatures.RouteForbidden
    raise RoleRequired(roles="、".join(sorted(route.roles)))
