"""Leave a booking."""

import uuid
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.arrivals.rules import NotArrived
from services.scenarios.arrivals.tables import Arrival
from services.scenarios.bookings.queries import find_booking
from shared.identity import Identity


async def leave(session: AsyncSession, booking_id: uuid.UUID, by: Identity, now: datetime) -> Arrival:
    """Note that the people of a booking left.

    Raises:
        BookingUnseen: There is none that the caller may see.
        NotArrived: They have not come, or have left.
    """
    booking = await find_booking(session, booking_id, by)
    left: Arrival | None = await session.scalar(
        update(Arrival)
        .where(
            Arrival.community_code == booking.community_code,
            Arrival.booking_id == booking.id,
            Arrival.left_at.is_(None),
        )
        .values(left_at=now)
        .returning(Arrival)
    )
    if left is None:
        raise NotArrived
    return left
