"""Enrol a device: a code, once, for a key of its own."""

import secrets
import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.devices.rules import DeviceRefused, EnrolmentRefused, hash_of
from gateway.console.devices.tables import Device
from gateway.sealing import seal, unseal

KEY_BYTES = 32


async def enrol_device(session: AsyncSession, code: str, *, key: bytes, now: datetime) -> tuple[uuid.UUID, str]:
    """Return the device and its key, which is shown this once; a code is good once, however many try.

    Raises:
        EnrolmentRefused: The code is unknown, used or over, or the device is retired.
    """
    device = await session.scalar(select(Device).where(Device.enrolment_hash == hash_of(code)).with_for_update())
    if device is None or device.retired_at or not device.enrolment_until or device.enrolment_until <= now:
        raise EnrolmentRefused
    secret = secrets.token_urlsafe(KEY_BYTES)
    device.sealed_key = seal(key, secret, application=f"device:{device.id}", place=1)
    device.enrolment_hash = device.enrolment_until = None
    device.enrolled_at = now
    await session.flush()
    return device.id, secret


async def key_of_device(session: AsyncSession, device_id: uuid.UUID, *, key: bytes) -> tuple[Device, str]:
    """Return an enrolled device and its key.

    Raises:
        DeviceRefused: It is not enrolled, or retired.
    """
    device = await session.get(Device, device_id)
    if device is None or not device.is_heard or device.sealed_key is None:
        raise DeviceRefused
    return device, unseal(key, device.sealed_key, application=f"device:{device.id}", place=1)
