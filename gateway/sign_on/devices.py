"""HTTP of devices at the door: a code for a key, once; a word signed with the key for an access token."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.authentication import Caller
from gateway.call import Call
from gateway.console.devices.enrol_device import enrol_device, key_of_device
from gateway.console.devices.rules import DeviceRefused, open_signed
from gateway.limits import Limit, Patience
from gateway.login import Token
from gateway.sign_on.answers import given, refused
from gateway.tokens import Issuer
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
        patience: By address.
    """

    database: Database
    key: bytes
    issuer: Issuer
    patience: Patience = field(default_factory=Patience)

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


def _by_address(request: Request) -> list[tuple[tuple[str, ...], Limit]]:
    return [((request.client.host if request.client else "",), FAILURES)]


@router.post("/enrolment", response_model=Enrolled, summary="设备入网 / Enrol a device")
async def enrol(request: Request, enrolment: Enrolment) -> Response:
    """Give a device its key for its code. When the answer was lost: ask for a new code."""
    sign_on: DeviceSignOn = request.app.state.device_sign_on
    call = Call(dict(request.scope))
    try:
        with sign_on.patience.with_failures(_by_address(request)):
            enrolled = await sign_on.enrol(enrolment.code)
    except Refusal as refusal:
        return refused(request, call, refusal)
    return given(request, call, Caller(Identity(f"device:{enrolled.device_id}", ()), "enrolment"), enrolled)


@router.post("/token", response_model=Token, summary="设备令牌 / A device's token")
async def token(request: Request, assertion: Assertion) -> Response:
    """Give a device an access token for a word signed with its key."""
    sign_on: DeviceSignOn = request.app.state.device_sign_on
    call = Call(dict(request.scope))
    try:
        with sign_on.patience.with_failures(_by_address(request)):
            identity, made = await sign_on.token(assertion)
    except Refusal as refusal:
        return refused(request, call, refusal)
    return given(request, call, Caller(identity, "device"), made)
