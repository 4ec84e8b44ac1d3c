"""What scenarios tells: what was booked and who took part."""

import uuid
from datetime import datetime
from typing import ClassVar

from shared.events import Event


class BookingConfirmed(Event):
    """A space 空间 was booked, by a resident or at the desk on behalf of one 代办预约."""

    type: ClassVar[str] = "scenarios.booking-confirmed.v1"

    booking_id: uuid.UUID
    space_id: uuid.UUID
    resident_id: uuid.UUID
    starts_at: datetime
    ends_at: datetime
    channel: str


class AttendanceCompleted(Event):
    """A resident checked in to an activity and out of it: the evidence that points are earned on."""

    type: ClassVar[str] = "scenarios.attendance-completed.v1"

    attendance_id: uuid.UUID
    activity_id: uuid.UUID
    activity_kind: str
    resident_id: uuid.UUID
    resident_community_code: str
    checked_in_at: datetime
    checked_out_at: datetime
    minutes: int

    @property
    def key(self) -> str:
        """Order is kept per resident."""
        return str(self.resident_id)


class BookingCancelled(Event):
    """A confirmed booking was given up."""

    type: ClassVar[str] = "scenarios.booking-cancelled.v1"

    booking_id: uuid.UUID
    space_id: uuid.UUID
    resident_id: uuid.UUID
    cancelled_at: datetime
