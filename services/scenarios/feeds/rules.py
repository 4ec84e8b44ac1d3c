"""Bookings as others' calendars and health systems read them: RFC 5545, and HL7 FHIR R4."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from icalendar import Calendar, Event

from shared.clock import Period

UID_DOMAIN = "linli.example"
PRODUCT = "-//Linli//邻里//ZH"
STATUS = {"confirmed": "CONFIRMED", "requested": "TENTATIVE", "held": "TENTATIVE"}
APPOINTMENT_STATUS: dict[str, Literal["booked", "pending", "proposed", "cancelled"]] = {
    "confirmed": "booked",
    "requested": "pending",
    "held": "proposed",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A booking as a calendar shows it; it says nothing of who booked."""

    booking_id: uuid.UUID
    space: str
    period: Period
    state: str
    sequence: int
    changed_at: datetime


def uid(booking_id: uuid.UUID) -> str:
    """Return the UID by which calendars know a booking for good, however often it is moved."""
    return f"{booking_id}@{UID_DOMAIN}"


def icalendar(name: str, items: Iterable[Item]) -> bytes:
    """Write a feed, METHOD:PUBLISH: no attendee; what was cancelled stays as a tombstone, with a higher SEQUENCE."""
    calendar = Calendar()
    for key, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "PUBLISH"), ("x-wr-calname", name)):
        calendar.add(key, value)
    for item in items:
        standing = item.state in STATUS
        event = Event()
        event.add("uid", uid(item.booking_id))
        event.add("dtstamp", item.changed_at.astimezone(UTC))
        event.add("last-modified", item.changed_at.astimezone(UTC))
        event.add("dtstart", item.period[0].astimezone(UTC))
        event.add("dtend", item.period[1].astimezone(UTC))
        event.add("sequence", item.sequence + (not standing))
        event.add("status", STATUS.get(item.state, "CANCELLED"))
        event.add("summary", f"{item.space} 已预约" if standing else f"{item.space} 已取消")
        event.add("location", item.space)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def etag(feed: bytes) -> str:
    """Return the entity tag of a feed."""
    return f'"{hashlib.sha256(feed).hexdigest()[:32]}"'


def slot_bundle(space_id: uuid.UUID, name: str, free: Sequence[Period], busy: Sequence[Period]) -> dict[str, Any]:
    """Return a FHIR R4 searchset of a space's slots, free and busy, in the order of time."""
    slots = sorted([(period, "free") for period in free] + [(period, "busy") for period in busy])
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(slots),
        "entry": [
            {"resource": _slot(space_id, name, period, status), "search": {"mode": "match"}} for period, status in slots
        ],
    }


def _slot(space_id: uuid.UUID, name: str, period: Period, status: str) -> dict[str, Any]:
    start, end = (moment.astimezone(UTC).isoformat(timespec="seconds") for moment in period)
    return {
        "resourceType": "Slot",
        "id": f"{space_id.hex[:24]}-{period[0].astimezone(UTC):%Y%m%d%H%M}",
        "schedule": {"reference": f"Schedule/{space_id}", "display": name},
        "status": status,
        "start": start,
        "end": end,
    }


def appointment(item: Item, space_id: uuid.UUID, resident_id: uuid.UUID) -> dict[str, Any]:
    """Return a booking as a FHIR R4 Appointment, of a patient by its pseudonymous id and a location."""
    start, end = (moment.astimezone(UTC).isoformat(timespec="seconds") for moment in item.period)
    accepted = "accepted" if item.state == "confirmed" else "tentative"
    return {
        "resourceType": "Appointment",
        "id": str(item.booking_id),
        "meta": {"versionId": str(item.sequence), "lastUpdated": item.changed_at.astimezone(UTC).isoformat()},
        "status": APPOINTMENT_STATUS.get(item.state, "cancelled"),
        "start": start,
        "end": end,
        "participant": [
            {"actor": {"reference": f"Patient/{resident_id}"}, "required": "required", "status": accepted},
            {"actor": {"reference": f"Location/{space_id}", "display": item.space}, "status": "accepted"},
        ],
    }
