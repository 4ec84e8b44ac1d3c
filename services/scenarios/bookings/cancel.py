"""Cancel a booking."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.availability.rules import local
from services.scenarios.bookings.move import move
from services.scenarios.bookings.queries import cancelled, find_booking
from services.scenarios.bookings.rules import BookingBegun
from services.scenarios.bookings.tables import Booking, Cancellation
from shared.assistance import DESK_ROLES, Channel, Consent, OnBehalf, admit
from shared.identity import Identity
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Cancel:
    """A booking to be given up, on its resident's behalf."""

    booking_id: uuid.UUID
    channel: Channel
    consent: Consent | None
    by: Identity
    now: datetime


async def cancel(session: AsyncSession, command: Cancel) -> Booking:
    """Cancel a booking, release what it claimed, and tell so if it was confirmed.

    Raises:
        BookingUnseen: There is none that the caller may see.
        OutOfScope: The caller sees it, but is neither its resident nor the desk of the community.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        BookingBegun: It has begun.
        BookingLapsed: It was held or requested, and that is over.
        BookingCancelled, BookingElsewhere: It was cancelled or declined before.
    """
    booking = await find_booking(session, command.booking_id, command.by)
    on_behalf = OnBehalf(booking.resident_id, command.channel, command.consent)
    at_desk = command.by.holds(booking.community_code, *DESK_ROLES)
    admit(on_behalf, by=command.by.subject, at_desk=at_desk, area=booking.community_code)
    await session.refresh(booking, with_for_update=True)  # it may be approved meanwhile, and that was told
    if booking.starts_at <= command.now:
        raise BookingBegun(starts_at=local(booking.starts_at))
    was_confirmed = booking.state == "confirmed"
    await move(session, booking, ("held", "requested", "confirmed"), ("cancelled", None), command.now)
    session.add(
        Cancellation(
            community_code=booking.community_code,
            booking_id=booking.id,
            cancelled_at=command.now,
            **on_behalf.recorded(command.by.subject),
        )
    )
    if was_confirmed:
        await publish(session, cancelled(booking, command.now))
    await session.flush()
    return booking
