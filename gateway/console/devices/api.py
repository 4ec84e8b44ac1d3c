"""HTTP of devices: staff register them in their area, a device tells what happens."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from gateway.console.devices.register_device import NewDevice, own_device, register_device, renew_code_of_device
from gateway.console.devices.report_events import Report, report_events
from gateway.console.devices.rules import (
    CatalogueEntryUnseen,
    CatalogueId,
    DeviceRefused,
    DeviceUnseen,
    EventInadmissible,
    Told,
)
from gateway.console.devices.tables import Device
from gateway.registry import Line
from gateway.routes import DESK, DEVICE, OFFICIAL, OPERATOR
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import AreaPrefix, CommunityCode
from shared.idempotency import IdempotentRoute
from shared.identity import Caller
from shared.pagination import BadCursor, Cursor, Page, PageSize, decode_id, encode_cursor
from shared.problems import responses

WHO = (DESK, OPERATOR, OFFICIAL)
OF_DEVICE = "device:"
# The answers that show a code are never kept, so these routes keep no answers.
router = APIRouter(prefix="/devices", tags=["设备 devices"])
telling = APIRouter(tags=["设备 devices"], route_class=IdempotentRoute)


class DeviceToRegister(BaseModel):
    """What stands where."""

    model_config = ConfigDict(extra="forbid")

    community_code: CommunityCode
    catalogue_id: CatalogueId = Field(description="设备目录编号 / of the catalogue of devices")
    label: Line


class EnrolmentCode(BaseModel):
    """A device's way in: good once, for seven days."""

    device_id: uuid.UUID
    code: str = Field(description="只显示一次 / shown this once")


class DeviceView(BaseModel):
    """A device as staff see it."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    community_code: str
    catalogue_id: str
    label: str
    enrolled_at: Moment | None
    retired_at: Moment | None
    status: str | None
    status_at: Moment | None


class Telling(BaseModel):
    """What a device tells at once."""

    model_config = ConfigDict(extra="forbid")

    events: Annotated[list[Told], Field(min_length=1, max_length=100)]


class Taken(BaseModel):
    """How many of them were new; the others were known already."""

    new: int


@router.post("", status_code=201, summary="登记设备 / Register", responses=responses(OutOfScope, CatalogueEntryUnseen))
async def register(session: Transaction, who: Caller, body: DeviceToRegister, response: Response) -> EnrolmentCode:
    """Register a device; its code is for whoever installs it."""
    who.require(body.community_code, *WHO)
    new = NewDevice(body.community_code, body.catalogue_id, body.label, who, datetime.now(UTC))
    device, code = await register_device(session, new)
    response.headers["Cache-Control"] = "no-store"
    return EnrolmentCode(device_id=device.id, code=code)


@router.post(
    "/{device_id}/code", status_code=201, summary="新入网码 / New code", responses=responses(OutOfScope, DeviceUnseen)
)
async def renew(session: Transaction, who: Caller, device_id: uuid.UUID, response: Response) -> EnrolmentCode:
    """Give a new code; the key that the device has is good until it is used."""
    code = await renew_code_of_device(session, device_id, who, WHO, datetime.now(UTC))
    response.headers["Cache-Control"] = "no-store"
    return EnrolmentCode(device_id=device_id, code=code)


@router.post("/{device_id}/retirement", summary="停用设备 / Retire", responses=responses(OutOfScope, DeviceUnseen))
async def retire(session: Transaction, who: Caller, device_id: uuid.UUID) -> DeviceView:
    """Let a device be heard no more."""
    device = await own_device(session, device_id, who, WHO)
    device.retired_at = device.retired_at or datetime.now(UTC)
    await session.flush()
    return DeviceView.model_validate(device)


@router.get("", summary="设备 / Devices", responses=responses(OutOfScope, BadCursor))
async def read_devices(
    session: Transaction, who: Caller, area: AreaPrefix, cursor: Cursor = None, page_size: PageSize = 50
) -> Page[DeviceView]:
    """List the devices of an area with their status, the newest first."""
    who.require(area, *WHO)
    wanted = select(Device).where(Device.community_code.startswith(area)).order_by(Device.id.desc())
    if cursor:
        wanted = wanted.where(Device.id < decode_id(cursor))
    found = list(await session.scalars(wanted.limit(page_size + 1)))
    next_cursor = encode_cursor(str(found[page_size - 1].id)) if len(found) > page_size else None
    return Page(items=[DeviceView.model_validate(each) for each in found[:page_size]], next_cursor=next_cursor)


@telling.post(
    "/device-events",
    summary="设备上报 / A device tells",
    responses=responses(OutOfScope, DeviceRefused, EventInadmissible),
)
async def tell(session: Transaction, who: Caller, body: Telling) -> Taken:
    """Take in what a device tells; what came before does nothing again."""
    who.require_any(DEVICE)
    if not who.subject.startswith(OF_DEVICE):
        raise DeviceRefused
    device_id = uuid.UUID(who.subject.removeprefix(OF_DEVICE))
    return Taken(new=await report_events(session, Report(device_id, body.events, "http", datetime.now(UTC))))
