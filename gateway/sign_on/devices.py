"""HTTP of devices at the door: a code for a key, once; a word signed with the key for an access token."""

import math
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.audit import Audit
from gateway.authentication import Caller
from gateway.call import Call
from gateway.console.devices.enrol_device import enrol_device, key_of_device
from gateway.console.devices.rules import DeviceRefused, open_signed
from gateway.limits import Limit, Limiter
from gateway.login import Token
from gateway.refusals import TooManyCalls
from gateway.tokens import Issuer
from shared import problems
from shared.database import Database
from shared.errors import Refusal
from shared.identity import Identity, Role

SKEW_S = 90
FAILURES = Limit("device-failures", per_s=1, burst=100)
"""By address, behind which a whole community may be; only what fails counts."""
router = APIRouter(prefix="/auth/devices", tags=["设备 devices"])


class Enrolment(BaseModel):
    """The code that came with the device."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=100)


class Enrolled(BaseModel):
    """Who the device is from now on."""

    device_id: uuid.UUID
    key: str = Field(description="只显示一次 / shown this once")


class Assertion(BaseModel):
    """A word of the device: a compact JWS by HS256 over `{"device_id", "at"}`, the time in seconds of Unix."""

    model_config = ConfigDict(extra="forbid")

    device_id: uuid.UUID
    signed: str = Field(min_length=1, max_length=1000)


@dataclass(frozen=True)
class DeviceSignOn:
    """Signs devices on.

    Attributes:
        database: The gateway's own.
        key: Seals their keys.
        issuer: The local one.
        failures: By address.
    """

    database: Database
    key: bytes
    issuer: Issuer
    failures: Limiter = field(default_factory=Limiter)

    @contextmanager
    def patience(self, request: Request) -> Iterator[None]:
        """Refuse an address that has failed too often, and count it if the block is refused.

        Raises:
            TooManyCalls: It has.
        """
        address, now = (request.client.host if request.client else "",), time.monotonic()
        looked = self.failures.look(address, FAILURES, now)
        if not looked.admitted:
            raise TooManyCalls(retry_after_s=math.ceil(looked.retry_after_s))
        try:
            yield
        except Refusal:
            self.failures.take(address, FAILURES, now)
            raise

    async def enrol(self, code: str) -> Enrolled:
        """Give a key for a code."""
        async with self.database.transaction() as session:
            device_id, secret = await enrol_device(session, code, key=self.key, now=datetime.now(UTC))
        return Enrolled(device_id=device_id, key=secret)

    async def token(self, assertion: Assertion) -> tuple[Identity, Token]:
        """Give a token for a word that was signed just now."""
        async with self.database.transaction() as session:
            device, secret = await key_of_device(session, assertion.device_id, key=self.key)
        said, now = open_signed(assertion.signed, secret), time.time()
        at = said.get("at")
        if said.get("device_id") != str(device.id) or not isinstance(at, int) or abs(now - at) > SKEW_S:
            raise DeviceRefused
        identity = Identity(f"device:{device.id}", (Role("device", device.community_code),))
        return identity, Token(access_token=self.issuer.issue(identity, now))


def _noted(request: Request, call: Call, answer: BaseModel | Refusal) -> Response:
    audit: Audit = request.app.state.audit
    if isinstance(answer, Refusal):
        call.record(audit, answer.status, answer.type)
        refused = problems.of_refusal(answer)
        if isinstance(answer, TooManyCalls):
            refused.headers["Retry-After"] = str(answer.retry_after_s)
        return refused
    call.record(audit, 200, "answered")
    return Response(answer.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})


@router.post("/enrolment", response_model=Enrolled, summary="设备入网 / Enrol a device")
async def enrol(request: Request, enrolment: Enrolment) -> Response:
    """Give a device its key for its code. When the answer was lost: ask for a new code."""
    sign_on: DeviceSignOn = request.app.state.device_sign_on
    call = Call(dict(request.scope))
    try:
        with sign_on.patience(request):
            enrolled = await sign_on.enrol(enrolment.code)
    except Refusal as refusal:
        return _noted(request, call, refusal)
    call.caller = Caller(Identity(f"device:{enrolled.device_id}", ()), "enrolment")
    return _noted(request, call, enrolled)


@router.post("/token", response_model=Token, summary="设备令牌 / A device's token")
async def token(request: Request, assertion: Assertion) -> Response:
    """Give a device an access token for a word signed with its key."""
    sign_on: DeviceSignOn = request.app.state.device_sign_on
    call = Call(dict(request.scope))
    try:
        with sign_on.patience(request):
            identity, made = await sign_on.token(assertion)
    except Refusal as refusal:
        return _noted(request, call, refusal)
    call.caller = Caller(identity, "device")
    return _noted(request, call, made)
