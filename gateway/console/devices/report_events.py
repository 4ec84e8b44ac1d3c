"""Take in what a device tells: each event once, and the newest status, whatever order they come in."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.changes.tables import Setting
from gateway.console.devices.rules import DeviceRefused, Told, check_told
from gateway.console.devices.tables import Device, DeviceEvent
from gateway.registry import DeviceType
from shared.events.gateway import DeviceEventReported
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Report:
    """What a device tells, and by which way it came: `http` or `mqtt`."""

    device_id: uuid.UUID
    told: Sequence[Told]
    way: str
    now: datetime


async def report_events(session: AsyncSession, report: Report) -> int:
    """Note what is new and tell the platform of it; returns how many were.

    Raises:
        DeviceRefused: It is not enrolled, or retired.
        EventInadmissible: One of the events cannot be; none is taken.
    """
    device = await session.get(Device, report.device_id)
    if device is None or not device.is_heard:
        raise DeviceRefused
    entry = await session.get(Setting, ("device-type", device.catalogue_id))
    kinds = DeviceType.model_validate(entry.document).kinds if entry and entry.document else ()
    for told in report.told:
        check_told(told, kinds, report.now)
    rows = [_row(report, told) for told in sorted(report.told, key=lambda told: told.event_id)]
    noted = insert(DeviceEvent).values(rows).on_conflict_do_nothing().returning(DeviceEvent.event_id)
    fresh = set(await session.scalars(noted))
    new = [told for told in {told.event_id: told for told in report.told}.values() if told.event_id in fresh]
    await _note_status(session, device, new)
    await publish(session, *(_event(device, told) for told in new))
    return len(new)


def _row(report: Report, told: Told) -> dict[str, object]:
    facts = {"event_id": told.event_id, "kind": told.kind, "occurred_at": told.occurred_at}
    data = {**told.data, **({"status": told.status} if told.status else {})}
    return {"device_id": report.device_id, **facts, "way": report.way, "data": data}


async def _note_status(session: AsyncSession, device: Device, new: Sequence[Told]) -> None:
    """Keep the newest status by the device's own time: what comes late does not set it back."""
    statuses = [told for told in new if told.status]
    if not statuses:
        return
    last = max(statuses, key=lambda told: told.occurred_at)
    older = or_(Device.status_at.is_(None), Device.status_at < last.occurred_at)
    facts = {"status": last.status, "status_at": last.occurred_at}
    await session.execute(update(Device).where(Device.id == device.id, older).values(**facts))


def _event(device: Device, told: Told) -> DeviceEventReported:
    return DeviceEventReported(
        community_code=device.community_code,
        device_id=device.id,
        catalogue_id=device.catalogue_id,
        event_id=told.event_id,
        kind=told.kind,
        status=told.status,
        occurred_at=told.occurred_at,
    )
