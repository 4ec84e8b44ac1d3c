"""Book a space for a resident."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import DESK_ROLES, OnBehalf, admit
from services.scenarios.bookings.queries import find_next_free, find_other_spaces
from services.scenarios.bookings.rules import SlotTaken, admit_period, alternatives, claimed_period
from services.scenarios.bookings.tables import Booking, Claim
from services.scenarios.spaces.queries import find_space, terms_of
from services.scenarios.spaces.rules import Period, admit_operator
from services.scenarios.spaces.tables import Space
from shared.events.scenarios import BookingConfirmed
from shared.identity import Identity
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Book:
    """A period of a space, for a resident."""

    space_id: uuid.UUID
    period: Period
    on_behalf: OnBehalf
    by: Identity
    now: datetime


async def book(session: AsyncSession, command: Book) -> Booking:
    """Book a space, and tell so.

    Raises:
        SpaceUnseen: There is no such space.
        OperatorDebarred: Who runs it is on the black list.
        OutOfScope: The caller is neither the resident nor the desk of the community.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        Inadmissible: The space's terms do not allow the period (see `admit_period`).
        SlotTaken: Another booking has it.
    """
    space = await find_space(session, command.space_id)
    admit_operator(space.id, space.suspended_from, command.now)
    at_desk = command.by.holds(space.community_code, *DESK_ROLES)
    admit(command.on_behalf, by=command.by.subject, at_desk=at_desk, area=space.community_code)
    admit_period(terms_of(space), command.period, command.now)
    booking_id = await _claim(session, space, command)
    booking = Booking(
        community_code=space.community_code,
        id=booking_id,
        space_id=space.id,
        resident_id=command.on_behalf.resident_id,
        starts_at=command.period[0],
        ends_at=command.period[1],
        booked_at=command.now,
        **command.on_behalf.recorded(command.by.subject),
    )
    session.add(booking)
    await session.flush()
    await publish(session, _confirmed(booking))
    return booking


async def _claim(session: AsyncSession, space: Space, command: Book) -> uuid.UUID:
    # A plain INSERT deadlocks under a rush: of two that wait for each other's half-made index entries, one is shot.
    booking_id: uuid.UUID | None = await session.scalar(
        insert(Claim)
        .values(
            community_code=space.community_code,
            unit_id=space.id,
            period=Range(*claimed_period(terms_of(space), command.period), bounds="[)"),
        )
        .on_conflict_do_nothing()
        .returning(Claim.booking_id)
    )
    if booking_id is None:
        same_space = await find_next_free(session, space, command.period, command.now)
        same_time = await find_other_spaces(session, space, command.period, command.now)
        raise SlotTaken(alternatives=alternatives(same_space, same_time))
    return booking_id


def _confirmed(booking: Booking) -> BookingConfirmed:
    return BookingConfirmed(
        community_code=booking.community_code,
        booking_id=booking.id,
        space_id=booking.space_id,
        resident_id=booking.resident_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        channel=booking.channel,
    )
