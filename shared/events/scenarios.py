"""What scenarios tells: what was booked and who took part."""

import uuid
from datetime import datetime
from typing import ClassVar

from shared.events import Event
from shared.fields import ResidentId


class BookingConfirmed(Event):
    """A space 空间 was booked, by a resident or at the desk on behalf of one 代办预约."""

    type: ClassVar[str] = "scenarios.booking-confirmed.v1"

    booking_id: uuid.UUID
    space_id: uuid.UUID
    resident_id: ResidentId
    starts_at: datetime
    ends_at: datetime
    channel: str


class AttendanceCompleted(Event):
    """A resident checked in to an activity and out of it: the evidence that points are earned on."""

    type: ClassVar[str] = "scenarios.attendance-completed.v1"

    attendance_id: uuid.UUID
    activity_id: uuid.UUID
    activity_kind: str
    resident_id: ResidentId
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
    resident_id: ResidentId
    cancelled_at: datetime


class WaitlistOffered(Event):
    """Seats in an activity are offered to a resident that waited 候补通知, until a moment."""

    type: ClassVar[str] = "scenarios.waitlist-offered.v1"

    activity_id: uuid.UUID
    entry_id: uuid.UUID
    resident_id: ResidentId
    offered_until: datetime

    @property
    def key(self) -> str:
        """Order is kept per resident."""
        return str(self.resident_id)


class BookingRescheduled(Event):
    """A confirmed booking was moved to another time; it keeps its id, and `sequence` counts how often."""

    type: ClassVar[str] = "scenarios.booking-rescheduled.v1"

    booking_id: uuid.UUID
    space_id: uuid.UUID
    resident_id: ResidentId
    starts_at: datetime
    ends_at: datetime
    sequence: int


class BookingMissed(Event):
    """Nobody came to a booking in time: its slot is free from then on, for those who wait or come by."""

    type: ClassVar[str] = "scenarios.booking-missed.v1"

    booking_id: uuid.UUID
    space_id: uuid.UUID
    resident_id: ResidentId
    released_from: datetime
    released_until: datetime


class EmergencyDeclared(Event):
    """An emergency plan 应急预案 is in force: what is to be told to everybody."""

    type: ClassVar[str] = "scenarios.emergency-declared.v1"

    emergency_id: uuid.UUID
    broadcast: str
    declared_at: datetime
    until: datetime


class EmergencyEnded(Event):
    """An emergency is over, and what it did is undone."""

    type: ClassVar[str] = "scenarios.emergency-ended.v1"

    emergency_id: uuid.UUID
    ended_at: datetime


class PaymentStepRequested(Event):
    """A step of paying a booking in points was asked for: to hold, capture, release or give back service points.

    The points are the resident's in the book of the event's community; what is held is held until `hold_until`.
    """

    type: ClassVar[str] = "scenarios.payment-step-requested.v1"

    booking_id: uuid.UUID
    resident_id: ResidentId
    step: str
    points: int
    hold_until: datetime

    @property
    def key(self) -> str:
        """Order is kept per resident."""
        return str(self.resident_id)


class HelpAgreed(Event):
    """Help was agreed on in the time bank: quarter hours of the payer are to be pledged, until a moment."""

    type: ClassVar[str] = "scenarios.help-agreed.v1"

    visit_id: uuid.UUID
    giver_id: ResidentId
    receiver_id: ResidentId
    payer_id: ResidentId
    quarters: int
    pledged_until: datetime

    @property
    def key(self) -> str:
        """Order is kept per visit."""
        return str(self.visit_id)


class HelpCancelled(Event):
    """Help that was agreed on will not be given: what was pledged for it is free again."""

    type: ClassVar[str] = "scenarios.help-cancelled.v1"

    visit_id: uuid.UUID
    giver_id: ResidentId
    payer_id: ResidentId

    @property
    def key(self) -> str:
        """Order is kept per visit."""
        return str(self.visit_id)


class HelpConfirmed(Event):
    """Help was given: how many quarter hours count, as both sides confirmed or, later, as staff corrected it.

    Each revision says how many count in all; without a payer the community gives them.
    """

    type: ClassVar[str] = "scenarios.help-confirmed.v1"

    visit_id: uuid.UUID
    revision: int
    giver_id: ResidentId
    payer_id: ResidentId | None
    quarters: int

    @property
    def key(self) -> str:
        """Order is kept per visit."""
        return str(self.visit_id)


class ResidentErased(Event):
    """What this service held of a resident is erased, as a request wanted it; whose it was is not told again."""

    type: ClassVar[str] = "scenarios.resident-erased.v1"

    request_id: uuid.UUID

    @property
    def key(self) -> str:
        """Order is kept per request."""
        return str(self.request_id)
