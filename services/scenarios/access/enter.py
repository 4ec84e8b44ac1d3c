"""Enter a space with a door code."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.access.rules import EARLY, DoorClosed
from services.scenarios.access.tables import AccessGrant, Entry
from services.scenarios.bookings.tables import Booking
from services.scenarios.spaces.queries import find_space
from shared.identity import Identity

DOOR_ROLES = ("device", "desk")


@dataclass(frozen=True, slots=True)
class Enter:
    """A code that was typed at a space's door."""

    space_id: uuid.UUID
    code: str
    by: Identity
    now: datetime


async def enter(session: AsyncSession, command: Enter) -> Entry:
    """Let in who has the code of a booking of this space that stands now, from EARLY before it until its end.

    Raises:
        SpaceUnseen: There is no such space.
        OutOfScope: The caller is neither a device nor the desk of the community.
        DoorClosed: No booking of now has this code.
    """
    space = await find_space(session, command.space_id)
    command.by.require(space.community_code, *DOOR_ROLES)
    booking_id = await session.scalar(
        select(AccessGrant.booking_id)
        .join(
            Booking,
            (Booking.community_code == AccessGrant.community_code) & (Booking.id == AccessGrant.booking_id),
        )
        .where(
            Booking.community_code == space.community_code,
            Booking.space_id == space.id,
            Booking.state == "confirmed",
            Booking.starts_at <= command.now + EARLY,
            Booking.ends_at > command.now,
            AccessGrant.code == command.code,
        )
    )
    if booking_id is None:
        raise DoorClosed(early_minutes=EARLY.seconds // 60)
    entry = Entry(
        community_code=space.community_code,
        booking_id=booking_id,
        opened_by=command.by.subject,
        entered_at=command.now,
    )
    session.add(entry)
    await session.flush()
    return entry
