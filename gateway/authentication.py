"""Who calls: a user by a bearer token, or an application by its signature, and whether they may."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.dialects.core import Request, Signed, verify
from gateway.dialects.known import spoken
from gateway.dialects.refusals import InvalidAccessKey, RouteForbidden
from gateway.refusals import CredentialsRequired, LevelRequired, RoleRequired, Stopped
from gateway.registry import READ_ONLY
from gateway.routes import Route
from gateway.snapshot import Known, Snapshot
from gateway.tokens import LEVEL_HIGHEST, TokenVerifier
from shared.identity import Identity

_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller who has shown who it is, and how.

    Attributes:
        identity: Who it is to the services; an application's has no roles until it is authorized.
        credential: `bearer`, how somebody signed on, or the dialect of the signature.
        level: How surely a user is verified, 1 to 3.
        application: What the door knows of an application.
        signed: What an application has signed.
    """

    identity: Identity
    credential: str
    level: int = LEVEL_HIGHEST
    application: Known | None = None
    signed: Signed | None = None


class Authenticator:
    """Checks credentials."""

    def __init__(self, tokens: TokenVerifier) -> None:
        self._tokens = tokens

    async def authenticate(
        self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes], route: Route, snapshot: Snapshot
    ) -> Caller:
        """Return who calls.

        Raises:
            CredentialsRequired: Nothing says who, or two things do.
            BadToken: The bearer token is not good.
            IssuerAway: Whether it is cannot be told.
            SignatureRefused: The signature is not good.
        """
        bearer, dialects = headers.get(b"authorization"), spoken(headers)
        if len(dialects) + (bearer is not None) != 1:
            raise CredentialsRequired
        if bearer is None:
            request = Request(scope["method"], scope["raw_path"], scope["query_string"], headers)
            return _application(dialects.pop()(request), snapshot, datetime.now(UTC))
        text = bearer.decode("latin-1")
        if text[: len(_BEARER)].lower() != _BEARER:
            raise CredentialsRequired
        found = await self._tokens.verify(text[len(_BEARER) :].strip(), writes=route.writes)
        return Caller(found.identity, "bearer", found.level)


def _application(signed: Signed, snapshot: Snapshot, now: datetime) -> Caller:
    known = snapshot.applications.get(signed.access_key)
    if (
        known is None
        or (known.live_until is not None and now >= known.live_until)
        or (known.dialects and signed.dialect not in known.dialects)
    ):
        raise InvalidAccessKey
    verify(signed, known.secrets, now)
    return Caller(Identity(known.subject, ()), signed.dialect, application=known, signed=signed)


def authorize(caller: Caller, route: Route, snapshot: Snapshot, now: datetime) -> Identity:
    """Return who the caller is for this operation; where its roles reach to is for the service to judge.

    Raises:
        RoleRequired: A user holds none of the route's roles.
        LevelRequired: A user is not verified surely enough.
        RouteForbidden: An application has no live grant for the operation.
        Stopped: An emergency switch is on.
    """
    application = caller.application
    if snapshot.stopped:
        _check_switches(route, application, snapshot)
    if application is None:
        if not any(held.role in route.roles for held in caller.identity.roles):
            raise RoleRequired(roles="、".join(sorted(route.roles)))
        if caller.level < route.level:
            raise LevelRequired(needed=route.level, level=caller.level)
        return caller.identity
    identity = application.identity(route.operation, now)
    if not any(held.role in route.roles for held in identity.roles):
        raise RouteForbidden
    return identity


def _check_switches(route: Route, application: Known | None, snapshot: Snapshot) -> None:
    # What turns the switches off again cannot be stopped by them.
    if route.service == "console":
        return
    switches = [f"operation:{route.operation}"]
    if route.writes:
        switches.append(READ_ONLY)
    if application:
        switches.append(f"application:{application.name}")
    for switch in switches:
        if switch in snapshot.stopped:
            raise Stopped(switch=switch)
