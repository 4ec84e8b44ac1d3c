"""The way of a call from the door to a service and back; plain ASGI, for a gateway is as fast as its hot path."""

import asyncio
import re
import time
from datetime import UTC, datetime
from functools import partial

from pyreqwest.exceptions import PyreqwestError
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response as UpstreamResponse
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from gateway import framing
from gateway.admission import Admission, Limited
from gateway.audit import Audit
from gateway.authentication import Authenticator, authorize
from gateway.body import Body
from gateway.breakers import Breakers
from gateway.call import CALLER_GONE, GATEWAY_STOPPED, Call
from gateway.cells import area_of, cell_of
from gateway.consent import Consents
from gateway.contract import ContentTypeRefused, Contract, MalformedRequest
from gateway.departure import Departure
from gateway.description import Description
from gateway.dialects.known import is_provincial
from gateway.dialects.refusals import InvalidSignature, SignatureRefused
from gateway.disclosure import Discloser, veiled
from gateway.nonces import Nonces
from gateway.onward import NOT_PASSED_BACK, IdentityTokens, headers_onward
from gateway.outages import (
    AuditAway,
    ConfigurationAway,
    ConsentsAway,
    DeadlinePassed,
    IssuerAway,
    NoncesAway,
    Overloaded,
    ServiceAway,
    ServiceBroke,
    Stopped,
)
from gateway.refusals import (
    BodyTooSlow,
    IdempotencyKeyMalformed,
    IdempotencyKeyRequired,
    MethodNotAllowed,
    NoSuchRoute,
    TooManyCalls,
)
from gateway.routes import PREFIX, Route, RouteTable
from gateway.snapshot import Configuration
from gateway.upstream import Ask, Upstream
from shared import problems
from shared.errors import Refusal

RETRY_AFTER_S = 1
FAILURES = frozenset({502, 504})
"""A service that answers 500 or 503 is there: one caller's bad input must not close the door to others."""
_KEY = re.compile(rb"[\x21-\x7e]{8,128}")

Headers = dict[bytes, bytes]
HeaderList = list[tuple[bytes, bytes]]


class Proxy:
    """Serves everything under /v1/."""

    def __init__(
        self,
        *,
        routes: RouteTable,
        authenticator: Authenticator,
        configuration: Configuration,
        nonces: Nonces,
        consents: Consents,
        admission: Admission,
        identities: IdentityTokens,
        upstream: Upstream,
        description: Description,
        discloser: Discloser,
        audit: Audit,
    ) -> None:
        self._routes = routes
        self._authenticator = authenticator
        self._configuration = configuration
        self._nonces = nonces
        self._consents = consents
        self._admission = admission
        self._breakers = Breakers()
        self._identities = identities
        self._upstream = upstream
        self._description = description
        self._discloser = discloser
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        call = Call(dict(scope))
        self._admission.crowd.size += 1
        try:
            await self._serve(call, scope, receive, send)
        except ClientDisconnect:
            call.record(self._audit, CALLER_GONE, "caller-gone")
        except asyncio.CancelledError:
            call.record(self._audit, GATEWAY_STOPPED, "gateway-stopped")
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and the call a record
            outcome, answer = _answer_of(error, call)
            call.record(self._audit, answer.status_code, outcome)
            # Once the head has gone, the connection is broken off: a cut answer must not look whole.
            if not call.head_sent:
                await answer(scope, receive, send)
        finally:
            self._admission.crowd.size -= 1

    async def _serve(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        received = call.headers = framing.check(scope)
        route = call.route = self._routes.find(scope["method"], scope["path"])
        if route is None:
            allowed = self._routes.methods(scope["path"])
            raise MethodNotAllowed(allowed=", ".join(allowed)) if allowed else NoSuchRoute
        allowance = await self._let_in(call, route, scope, received)
        body = Body(receive)
        deadline = asyncio.timeout(route.timeout_s)
        departure = call.departure = Departure(receive, body, deadline)
        try:
            async with deadline:
                content = await body.read()
                _check_digest(call, content)
                with departure.watched():
                    contract, area = await self._check_contract(route, scope, received, content)
                    call.residents = await self._consents.check(call.caller, route.template, scope, content)
                    call.veil = self._discloser.veil(call, contract.answer)
                    ask = self._ask(call, route, scope, content, area)
                    await self._exchange(call, ask, route, allowance, send)
        except TimeoutError as error:
            if departure.has_happened:
                raise ClientDisconnect from error
            raise (DeadlinePassed(service=route.service) if body.ended else BodyTooSlow()) from error

    async def _let_in(self, call: Call, route: Route, scope: Scope, received: Headers) -> HeaderList:
        """Decide on all that can be decided before the body comes."""
        snapshot, now = self._configuration.current, datetime.now(UTC)
        if not snapshot.revision:
            raise ConfigurationAway
        caller = call.caller = await self._authenticator.authenticate(scope, received, route, snapshot)
        call.identity = authorize(caller, route, snapshot, now)
        client = scope.get("client")
        allowance = self._admission.admit(caller, route, client[0] if client else None, snapshot, now)
        if route.writes:
            self._check_write(received)
        if caller.signed and caller.signed.nonce:
            await self._nonces.claim(caller.signed.access_key, caller.signed.nonce, now, writes=route.writes)
        return allowance

    def _check_write(self, received: Headers) -> None:
        key = received.get(b"idempotency-key")
        if key is None:
            raise IdempotencyKeyRequired
        if not _KEY.fullmatch(key):
            raise IdempotencyKeyMalformed
        if self._audit.failing:
            raise AuditAway

    async def _check_contract(
        self, route: Route, scope: Scope, received: Headers, body: bytes
    ) -> tuple[Contract, str | None]:
        """Check, and return what was gone by and the area that the call names."""
        asked = (scope["path"], scope["query_string"].decode("ascii"), received, body)
        contract = await self._description.contract(route)
        try:
            return contract, contract.check(*asked)
        except (MalformedRequest, ContentTypeRefused):
            # The service may have learnt something new since it was last asked.
            if not await self._description.newer():
                raise
            contract = await self._description.contract(route)
            return contract, contract.check(*asked)

    def _ask(self, call: Call, route: Route, scope: Scope, body: bytes, area: str | None) -> Ask:
        if call.identity is None:
            raise TypeError("a call goes on after its caller is authorized")
        remaining_s = max(0.001, route.timeout_s - call.elapsed_s)
        token = self._identities.token(call.identity, route.service, time.time())
        target = scope["raw_path"][len(PREFIX) + len(route.service) :].decode("ascii")
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("ascii")
        onward = headers_onward(call.headers, token, call.trace, remaining_s)
        cell = cell_of(area_of(area, call.headers, call.identity), self._configuration.current.cells)
        return Ask(route.service, cell, route.method, target, onward, body, remaining_s)

    async def _exchange(self, call: Call, ask: Ask, route: Route, allowance: HeaderList, send: Send) -> None:
        self._breakers.check(*_fuse(ask, route), time.monotonic())
        request, response = await self._open(call, ask, route)
        try:
            await self._pass_back(call, response, allowance, send)
        except (PyreqwestError, ValueError) as error:
            raise ServiceBroke(service=ask.service) from error
        finally:
            await request.__aexit__(None, None, None)

    async def _open(self, call: Call, ask: Ask, route: Route) -> tuple[StreamRequest, UpstreamResponse]:
        note = partial(self._breakers.note, *_fuse(ask, route))
        try:
            opened = await self._upstream.open(ask)
        except (ServiceAway, ServiceBroke):
            note(time.monotonic(), failed=True)
            raise
        except asyncio.CancelledError:
            # A deadline tells of the service; a caller who leaves tells neither that it fails nor that it works.
            if call.departure is not None and not call.departure.has_happened:
                note(time.monotonic(), failed=True)
            raise
        note(time.monotonic(), failed=opened[1].status in FAILURES)
        return opened

    async def _pass_back(self, call: Call, response: UpstreamResponse, allowance: HeaderList, send: Send) -> None:
        length: int | None = None
        passed = allowance
        for name, value in response.headers.items():
            if name == "content-length":
                length = int(value)
            if name not in NOT_PASSED_BACK and not name.startswith("linli-"):
                passed.append((name.encode(), value.encode("latin-1")))
        reader, sent, status = response.body_reader, 0, response.status
        if call.veil and status < 300:  # noqa: PLR2004 - a good answer
            await self._pass_whole(call, status, passed, await veiled(call.veil, reader), send)
            return
        # The first piece is awaited before the head leaves: a service that breaks off here still gets a clean answer.
        piece = await reader.read_chunk() if length != 0 else None
        call.head_sent = True
        await send({"type": "http.response.start", "status": status, "headers": passed})
        while piece is not None and sent != length:
            sent += len(piece)
            if sent == length:
                break
            await send({"type": "http.response.body", "body": bytes(piece), "more_body": True})
            piece = await reader.read_chunk()
        call.record(self._audit, status, "answered")
        await send({"type": "http.response.body", "body": bytes(piece) if piece is not None else b""})

    async def _pass_whole(self, call: Call, status: int, headers: HeaderList, body: bytes, send: Send) -> None:
        known = [each for each in headers if each[0] != b"content-length"]
        length = [(b"content-length", str(len(body)).encode())] if body else []
        call.head_sent = True
        await send({"type": "http.response.start", "status": status, "headers": [*known, *length]})
        call.record(self._audit, status, "answered")
        await send({"type": "http.response.body", "body": body})


def _fuse(ask: Ask, route: Route) -> tuple[str, str]:
    """Name what fails together: an operation of one cell's service."""
    return f"{ask.cell.name}/{route.service}".lstrip("/"), f"{ask.cell.name} {route.operation}"


def _check_digest(call: Call, body: bytes) -> None:
    signed = call.caller.signed if call.caller else None
    if signed and signed.body_digest and not signed.body_digest.fits(body):
        raise InvalidSignature


def _answer_of(error: Exception, call: Call) -> tuple[str, Response]:
    if isinstance(error, SignatureRefused) and is_provincial(call.headers):
        return error.type, JSONResponse({"message": error.message}, error.status)
    if not isinstance(error, Refusal):
        return "internal-error", problems.of_fault(error)
    answer = problems.of_refusal(error)
    if isinstance(error, Limited):
        answer.headers["Retry-After"] = str(error.retry_after_s)
        answer.raw_headers.extend(error.shown)
    elif isinstance(error, TooManyCalls):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    elif isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = error.allowed
    elif isinstance(
        error,
        ServiceAway
        | ServiceBroke
        | DeadlinePassed
        | AuditAway
        | ConfigurationAway
        | ConsentsAway
        | IssuerAway
        | NoncesAway
        | Overloaded
        | Stopped,
    ):
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    elif error.status == 401:  # noqa: PLR2004 - the one status that must say how to authenticate (RFC 9110)
        answer.headers["WWW-Authenticate"] = "Bearer"
    return error.type, answer
