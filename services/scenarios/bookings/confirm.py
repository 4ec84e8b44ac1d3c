"""Confirm a booking that is held."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.availability.queries import find_bookable
from services.scenarios.bookings.move import move
from services.scenarios.bookings.queries import confirmed, find_booking
from services.scenarios.bookings.rules import first_state
from services.scenarios.bookings.tables import Booking
from shared.assistance import DESK_ROLES, Channel, Consent, OnBehalf, admit
from shared.identity import Identity
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Confirm:
    """A held booking that its resident wants for good."""

    booking_id: uuid.UUID
    channel: Channel
    consent: Consent | None
    by: Identity
    now: datetime


async def confirm(session: AsyncSession, command: Confirm) -> Booking:
    """Confirm a booking, or request it where staff approve; what is confirmed is told.

    Raises:
        BookingUnseen: There is none that the caller may see.
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        BookingLapsed: The hold is over.
        BookingCancelled, BookingElsewhere: It is not held.
    """
    booking = await find_booking(session, command.booking_id, command.by)
    on_behalf = OnBehalf(booking.resident_id, command.channel, command.consent)
    at_desk = command.by.holds(booking.community_code, *DESK_ROLES)
    admit(on_behalf, by=command.by.subject, at_desk=at_desk, area=booking.community_code)
    space = await find_bookable(session, booking.space_id)
    to = first_state(command.now, booking.starts_at, hold=False, approval=space.approval_required)
    await move(session, booking, ("held",), to, command.now)
    if booking.state == "confirmed":
        await publish(session, confirmed(booking))
    return booking
