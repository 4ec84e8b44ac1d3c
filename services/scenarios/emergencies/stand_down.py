"""End an emergency, and undo what it did."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.bookings.queries import confirmed
from services.scenarios.bookings.tables import Booking
from services.scenarios.claims.claim_units import Wanted, claim_units, release_units
from services.scenarios.emergencies.declare import FUNCTION
from services.scenarios.emergencies.queries import Situation, find_emergency, find_situation
from services.scenarios.emergencies.rules import DECIDERS, EmergencyElsewhere
from services.scenarios.emergencies.tables import Emergency, EmergencyChange
from services.scenarios.spaces.queries import lock_spaces
from services.scenarios.spaces.tables import Space
from shared.events.scenarios import EmergencyEnded
from shared.identity import Identity
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class StandDown:
    """An emergency that is over."""

    emergency_id: uuid.UUID
    by: Identity
    now: datetime


async def stand_down(session: AsyncSession, command: StandDown) -> Situation:
    """Give spaces back, and put every booking back that has not begun and whose place nobody has by now; tell so.

    Raises:
        EmergencyUnseen: There is none that the caller may see.
        OutOfScope: The caller is neither the operator nor an official of the community.
        EmergencyElsewhere: It is over.
    """
    emergency = await find_emergency(session, command.emergency_id, command.by)
    command.by.require(emergency.community_code, *DECIDERS)
    if emergency.ended_at is not None:
        raise EmergencyElsewhere(state="已结束")
    spaces = {one.id: one for one in await lock_spaces(session, emergency.community_code, Space.retired_at.is_(None))}
    await _give_back(session, emergency, command.now)
    situation = await find_situation(session, emergency)
    for change in situation.changes:
        await _undo(session, change, spaces, command.now)
    emergency.ended_by, emergency.ended_at = command.by.subject, command.now
    await publish(
        session,
        EmergencyEnded(community_code=emergency.community_code, emergency_id=emergency.id, ended_at=command.now),
    )
    await session.flush()
    return situation


async def _give_back(session: AsyncSession, emergency: Emergency, now: datetime) -> None:
    taken = await session.scalars(
        select(Booking).where(
            Booking.community_code == emergency.community_code,
            Booking.resident_id == emergency.id,
            Booking.function == FUNCTION,
        )
    )
    for booking in taken:
        await release_units(session, booking.community_code, booking.id)
        booking.state, booking.changed_at = "cancelled", now


async def _undo(session: AsyncSession, change: EmergencyChange, spaces: dict[uuid.UUID, Space], now: datetime) -> None:
    booking = await session.get_one(
        Booking, (change.community_code, change.booking_id), with_for_update=True, populate_existing=True
    )
    expected = "confirmed" if change.change == "moved" else "cancelled"
    origin = spaces.get(change.from_space_id)
    if origin is None or booking.state != expected or booking.starts_at <= now or change.state_before != "confirmed":
        return
    if not await _has_back(session, booking, origin, now):
        return
    booking.space_id, booking.state = origin.id, "confirmed"
    booking.sequence += 1
    booking.changed_at = now
    change.undone_at = now
    if change.change == "cancelled":
        await session.flush()
        await publish(session, confirmed(booking))


async def _has_back(session: AsyncSession, booking: Booking, origin: Space, now: datetime) -> bool:
    """Claim what the booking had, or leave all as it is: after the takeover's end, or at other times, others may."""
    period = booking.starts_at, booking.ends_at + timedelta(minutes=origin.buffer_minutes)
    wanted = Wanted(booking.community_code, tuple(origin.unit_ids), period, now, None, booking.id)
    async with session.begin_nested() as savepoint:
        await release_units(session, booking.community_code, booking.id)
        claimed = await claim_units(session, wanted)
        if claimed is None:
            await savepoint.rollback()
    return claimed is not None
