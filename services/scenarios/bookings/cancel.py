"""Cancel a booking."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import DESK_ROLES, Channel, Consent, OnBehalf, admit
from services.scenarios.bookings.queries import find_booking
from services.scenarios.bookings.rules import BookingBegun, BookingCancelled, local
from services.scenarios.bookings.tables import Booking, Cancellation, Claim
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class Cancel:
    """A booking to be given up, on its resident's behalf."""

    booking_id: uuid.UUID
    channel: Channel
    consent: Consent | None
    by: Identity
    now: datetime


async def cancel(session: AsyncSession, command: Cancel) -> Booking:
    """Cancel a booking and release what it claimed.

    Raises:
        BookingUnseen: There is none that the caller may see.
        OutOfScope: The caller sees it, but is neither its resident nor the desk of the community.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        BookingBegun: It has begun.
        BookingCancelled: It was cancelled before.
    """
    booking, _ = await find_booking(session, command.booking_id, command.by)
    on_behalf = OnBehalf(booking.resident_id, command.channel, command.consent)
    at_desk = command.by.holds(booking.community_code, *DESK_ROLES)
    admit(on_behalf, by=command.by.subject, at_desk=at_desk, area=booking.community_code)
    if booking.starts_at <= command.now:
        raise BookingBegun(starts_at=local(booking.starts_at))
    await _release(session, booking, command.now, on_behalf, command.by)
    return booking


async def _release(session: AsyncSession, booking: Booking, now: datetime, on_behalf: OnBehalf, by: Identity) -> None:
    cancelled = await session.scalar(
        insert(Cancellation)
        .values(
            community_code=booking.community_code,
            booking_id=booking.id,
            cancelled_at=now,
            **on_behalf.recorded(by.subject),
        )
        .on_conflict_do_nothing()
        .returning(Cancellation.booking_id)
    )
    if cancelled is None:
        raise BookingCancelled(booking_id=str(booking.id))
    await session.execute(
        update(Claim)
        .where(Claim.community_code == booking.community_code, Claim.booking_id == booking.id)
        .values(state="released")
    )
