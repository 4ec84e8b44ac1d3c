"""Decide on a booking that was requested."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.bookings.move import move
from services.scenarios.bookings.queries import confirmed, find_booking
from services.scenarios.bookings.tables import Booking, Decision
from shared.identity import Identity
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Decide:
    """Approve a requested booking, or decline it, with a reason."""

    booking_id: uuid.UUID
    approved: bool
    reason: str
    by: Identity
    now: datetime


async def decide(session: AsyncSession, command: Decide) -> Booking:
    """Approve or decline; of several who decide at once, the first does. A declined booking's slot is free at once.

    Raises:
        BookingUnseen: There is none that the caller may see.
        OutOfScope: The caller is no staff of the community.
        BookingLapsed: Its start came before a decision.
        BookingCancelled, BookingElsewhere: It is not requested, or decided already.
    """
    booking = await find_booking(session, command.booking_id, command.by)
    command.by.require(booking.community_code, *STAFF_ROLES)
    await move(session, booking, ("requested",), ("confirmed" if command.approved else "declined", None), command.now)
    session.add(
        Decision(
            community_code=booking.community_code,
            booking_id=booking.id,
            approved=command.approved,
            reason=command.reason,
            decided_by=command.by.subject,
            decided_at=command.now,
        )
    )
    if command.approved:
        await publish(session, confirmed(booking))
    await session.flush()
    return booking
