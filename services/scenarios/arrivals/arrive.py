"""Arrive at a booking."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.arrivals.queries import find_policy
from services.scenarios.arrivals.rules import AlreadyArrived, NoCheckIn, SlotReleased, Way, check_arrival
from services.scenarios.arrivals.tables import Arrival, CheckInPolicy, NoShow
from services.scenarios.attendance.rules import check_code
from services.scenarios.bookings.rules import BookingUnseen
from services.scenarios.bookings.tables import Booking
from services.scenarios.vacancy.tables import Visit
from shared.assistance import subject_of
from shared.identity import Identity

WITNESSES = ("desk", "device")


@dataclass(frozen=True, slots=True)
class Arrive:
    """The people of a booking come: seen by the desk or a device, or by the code at the door."""

    booking_id: uuid.UUID
    way: Way
    people: int
    code: str | None
    by: Identity
    now: datetime


async def arrive(session: AsyncSession, command: Arrive) -> Arrival:
    """Note that people came, and count them as the space's use.

    Raises:
        BookingUnseen: There is none, or the caller is neither its resident nor the desk or a device there.
        NoCheckIn: Nobody checks in to the space.
        WrongCode: The resident did not show the code at the door.
        OutsideArrival: It is too early or too late, or the booking does not stand.
        SlotReleased: Nobody came in time.
        AlreadyArrived: The arrival is on record.
    """
    booking, policy = await _lock(session, command)
    witnessed = command.by.holds(booking.community_code, *WITNESSES)
    check_code(command.code, policy.code, itself=not witnessed)
    check_arrival(booking.state, booking.starts_at, booking.ends_at, command.now)
    missed = exists().where(NoShow.community_code == booking.community_code, NoShow.booking_id == booking.id)
    if await session.scalar(select(missed)):
        raise SlotReleased
    arrival: Arrival | None = await session.scalar(
        insert(Arrival)
        .values(
            community_code=booking.community_code,
            booking_id=booking.id,
            way=command.way,
            people=command.people,
            arrived_at=command.now,
            noted_by=command.by.subject,
        )
        .on_conflict_do_nothing()
        .returning(Arrival)
    )
    if arrival is None:
        raise AlreadyArrived
    session.add(_visit(booking, arrival))
    await session.flush()
    return arrival


async def _lock(session: AsyncSession, command: Arrive) -> tuple[Booking, CheckInPolicy]:
    # Locked, so that one who comes at the last moment and the release of the slot do not pass each other.
    booking = await session.scalar(select(Booking).where(Booking.id == command.booking_id).with_for_update())
    if booking is None or not (
        command.by.subject == subject_of(booking.resident_id) or command.by.holds(booking.community_code, *WITNESSES)
    ):
        raise BookingUnseen(booking_id=str(command.booking_id))
    policy = await find_policy(session, booking.community_code, booking.space_id)
    if policy is None:
        raise NoCheckIn
    return booking, policy


def _visit(booking: Booking, arrival: Arrival) -> Visit:
    return Visit(
        community_code=booking.community_code,
        space_id=booking.space_id,
        booking_id=booking.id,
        resident_id=booking.resident_id,
        people=arrival.people,
        visited_at=arrival.arrived_at,
        noted_by=arrival.noted_by,
    )
