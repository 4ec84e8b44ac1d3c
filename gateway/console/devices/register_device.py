"""Register a device, and give it a code with which it enrols once."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.changes.tables import Setting
from gateway.console.devices.rules import ENROLMENT_LASTS, CatalogueEntryUnseen, DeviceUnseen, hash_of
from gateway.console.devices.tables import Device
from shared.identity import Identity

CODE_BYTES = 16


@dataclass(frozen=True, slots=True)
class NewDevice:
    """What stands where, and who says so."""

    community_code: str
    catalogue_id: str
    label: str
    who: Identity
    now: datetime


async def register_device(session: AsyncSession, new: NewDevice) -> tuple[Device, str]:
    """Return the device and its enrolment code, which is nowhere else to be read.

    Raises:
        CatalogueEntryUnseen: The catalogue does not have it.
    """
    entry = await session.get(Setting, ("device-type", new.catalogue_id))
    if entry is None or entry.document is None:
        raise CatalogueEntryUnseen(catalogue_id=new.catalogue_id)
    device = Device(
        community_code=new.community_code,
        catalogue_id=new.catalogue_id,
        label=new.label,
        registered_by=new.who.subject,
    )
    session.add(device)
    return device, await _give_code(session, device, new.now)


async def renew_code_of_device(
    session: AsyncSession, device_id: uuid.UUID, who: Identity, roles: tuple[str, ...], now: datetime
) -> str:
    """Give a device a new code: what it enrols with then takes the place of the key it has.

    Raises:
        DeviceUnseen: There is none, or it is retired.
        OutOfScope: It stands elsewhere.
    """
    device = await own_device(session, device_id, who, roles)
    if device.retired_at:
        raise DeviceUnseen(device_id=str(device_id))
    return await _give_code(session, device, now)


async def own_device(session: AsyncSession, device_id: uuid.UUID, who: Identity, roles: tuple[str, ...]) -> Device:
    """Return a device of the caller's area, locked.

    Raises:
        DeviceUnseen: There is none.
        OutOfScope: It stands elsewhere.
    """
    device = await session.get(Device, device_id, with_for_update=True)
    if device is None:
        raise DeviceUnseen(device_id=str(device_id))
    who.require(device.community_code, *roles)
    return device


async def _give_code(session: AsyncSession, device: Device, now: datetime) -> str:
    code = secrets.token_urlsafe(CODE_BYTES)
    device.enrolment_hash, device.enrolment_until = hash_of(code), now + ENROLMENT_LASTS
    await session.flush()
    return code
