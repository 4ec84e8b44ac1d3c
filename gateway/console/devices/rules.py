"""What a device may tell, and when its code, its key or its word is not good."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import jwt
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from shared.clock import Moment
from shared.errors import Forbidden, Inadmissible, Unseen

ENROLMENT_LASTS = timedelta(days=7)
AHEAD_MAX = timedelta(minutes=5)
"""A device's clock may be ahead by so much; what it tells late is taken however late it comes."""
DATA_MAX_CHARS = 4_000
STATUS = "status"
ALGORITHM = "HS256"

CatalogueId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
EventKind = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Status = Literal["online", "offline", "fault"]


class Told(BaseModel):
    """An event of a device. It keeps its id however often it is sent, by whichever way."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: uuid.UUID
    kind: EventKind = Field(description="设备目录所列，或 status / of its catalogue entry, or status")
    occurred_at: Moment
    status: Status | None = Field(default=None, description="kind 为 status 时必填 / with the kind status")
    data: dict[str, Any] = Field(default={}, description="不得含个人信息 / nothing personal")

    @field_validator("data")
    @classmethod
    def _is_small(cls, value: dict[str, Any]) -> dict[str, Any]:
        if len(json.dumps(value, ensure_ascii=False)) > DATA_MAX_CHARS:
            raise ValueError(f"至多 {DATA_MAX_CHARS} 个字符 / too large")
        return value


@dataclass(kw_only=True, eq=False)
class DeviceUnseen(Unseen):
    """There is no such device in the caller's area."""

    type = "device-unseen"
    title = "没有此设备"
    title_en = "No such device"
    detail = "没有设备 {device_id}。"
    detail_en = "There is no device {device_id}."

    device_id: str


@dataclass(kw_only=True, eq=False)
class CatalogueEntryUnseen(Inadmissible):
    """No entry of the catalogue has this id."""

    type = "catalogue-entry-unseen"
    title = "设备目录中没有此编号"
    title_en = "Not in the catalogue of devices"
    detail = "设备目录中没有 {catalogue_id}。请先由两名管理员登记 device-type。"
    detail_en = "The catalogue has no {catalogue_id}. Two administrators register it as a device-type first."

    catalogue_id: str


@dataclass(kw_only=True, eq=False)
class EnrolmentRefused(Forbidden):
    """The code is unknown, used or over."""

    type = "enrolment-refused"
    title = "入网码无效"
    title_en = "Enrolment refused"
    detail = "入网码无效、已使用或已过期。请向登记人员索取新码。"
    detail_en = "The code is unknown, used or over. Ask those who registered the device for a new one."


@dataclass(kw_only=True, eq=False)
class DeviceRefused(Forbidden):
    """The device is not enrolled, or retired, or its word is not signed with its key."""

    type = "device-refused"
    title = "设备未被接受"
    title_en = "Device refused"
    detail = "设备未入网、已停用，或签名无效。请核对密钥与时钟，必要时重新入网。"
    detail_en = (
        "It is not enrolled, or retired, or its signature is not good. Check its key and clock, or enrol it again."
    )


@dataclass(kw_only=True, eq=False)
class EventInadmissible(Inadmissible):
    """A device told what its catalogue entry does not know, or of what is yet to come."""

    type = "device-event-inadmissible"
    title = "设备事件不符合目录"
    title_en = "Inadmissible event"
    detail = "事件 {event_id} 不能接受：{why}。"
    detail_en = "The event {event_id} cannot be taken: {why}."

    event_id: str
    why: str


def hash_of(code: str) -> bytes:
    """Return what is kept of an enrolment code: 128 bits of chance need no salt."""
    return hashlib.sha256(code.encode()).digest()


def check_told(told: Told, kinds: tuple[str, ...], now: datetime) -> None:
    """Refuse what cannot be.

    Raises:
        EventInadmissible: The catalogue entry has no such kind, a status says none, or it is in the future.
    """
    if told.kind not in {*kinds, STATUS}:
        raise EventInadmissible(event_id=str(told.event_id), why=f"目录无此类 / unknown kind {told.kind}")
    if (told.kind == STATUS) != (told.status is not None):
        raise EventInadmissible(event_id=str(told.event_id), why="status 与 kind 不符 / status and kind differ")
    if told.occurred_at > now + AHEAD_MAX:
        raise EventInadmissible(event_id=str(told.event_id), why="时间在将来 / in the future")


def open_signed(signed: str, key: str) -> dict[str, Any]:
    """Return what a device has signed with its key, as a compact JWS.

    Raises:
        DeviceRefused: It is not signed so.
    """
    try:
        opened: dict[str, Any] = json.loads(jwt.PyJWS().decode(signed, key, algorithms=[ALGORITHM]))
    except (jwt.PyJWTError, ValueError) as error:
        raise DeviceRefused from error
    return opened
