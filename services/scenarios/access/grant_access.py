"""Give a booking its door code."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.access.rules import CODE_DIGITS, NotConfirmed
from services.scenarios.access.tables import AccessGrant
from services.scenarios.bookings.queries import find_booking
from services.scenarios.bookings.rules import state_at
from services.scenarios.bookings.tables import Booking
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class GrantAccess:
    """A confirmed booking whose resident is to get in."""

    booking_id: uuid.UUID
    by: Identity
    now: datetime


async def grant_access(session: AsyncSession, command: GrantAccess) -> tuple[Booking, AccessGrant]:
    """Give a booking a code, once; asked again, it is the same, also after the booking was moved.

    Raises:
        BookingUnseen: There is none that the caller may see.
        NotConfirmed: It is held, requested, declined or cancelled.
    """
    booking = await find_booking(session, command.booking_id, command.by)
    if booking.state != "confirmed":
        state = state_at(booking.state, booking.expires_at, command.now)
        raise NotConfirmed(booking_id=str(booking.id), state=state)
    await session.execute(
        insert(AccessGrant)
        .values(
            community_code=booking.community_code,
            booking_id=booking.id,
            code=f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}",
            granted_at=command.now,
        )
        .on_conflict_do_nothing()
    )
    return booking, await session.get_one(AccessGrant, (booking.community_code, booking.id))
