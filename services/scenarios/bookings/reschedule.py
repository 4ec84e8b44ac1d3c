"""Move a booking to another time."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.availability.queries import find_alternatives, hold_bookable, windows_around
from services.scenarios.availability.rules import (
    Bookable,
    SlotTaken,
    admit_period,
    alternatives,
    claimed_period,
    local,
)
from services.scenarios.bookings.queries import admit_quota, find_booking, lock_quota, require_unreserved
from services.scenarios.bookings.rules import BookingBegun, state_at, why_not_moved
from services.scenarios.bookings.tables import Booking, Rescheduling
from services.scenarios.claims.claim_units import Wanted, claim_units, lock_units, release_units
from shared.assistance import DESK_ROLES, Channel, Consent, OnBehalf, admit
from shared.clock import Period
from shared.events.scenarios import BookingRescheduled
from shared.identity import Identity
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Reschedule:
    """Another period of the same space, for a booking that keeps its id."""

    booking_id: uuid.UUID
    period: Period
    channel: Channel
    consent: Consent | None
    by: Identity
    now: datetime


async def reschedule(session: AsyncSession, command: Reschedule) -> Booking:
    """Move a booking that is requested or confirmed; it keeps its id and state, and its `sequence` goes up by one.

    Raises:
        BookingUnseen: There is none that the caller may see.
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        BookingBegun: It has begun.
        BookingLapsed, BookingCancelled, BookingElsewhere: It is neither requested nor confirmed.
        SpaceRetired: The space takes no new bookings.
        ReservedForAssisted: The hours are kept for assisted bookings.
        Inadmissible: The space cannot be booked for the period (see `period_refusals`).
        SlotTaken: Another booking has it; the transaction is to be taken back.
    """
    booking = await find_booking(session, command.booking_id, command.by)
    on_behalf = OnBehalf(booking.resident_id, command.channel, command.consent)
    at_desk = command.by.holds(booking.community_code, *DESK_ROLES)
    admit(on_behalf, by=command.by.subject, at_desk=at_desk, area=booking.community_code)
    space = await _hold(session, booking)
    _check_state(booking, command.now)
    quota = await lock_quota(session, booking.community_code, booking.resident_id)
    await _claim_anew(session, booking, space, command)
    session.add(
        Rescheduling(
            community_code=booking.community_code,
            booking_id=booking.id,
            sequence=booking.sequence,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            rescheduled_at=command.now,
            **on_behalf.recorded(command.by.subject),
        )
    )
    booking.starts_at, booking.ends_at = command.period
    booking.expires_at = booking.starts_at if booking.state == "requested" else None
    booking.sequence += 1
    booking.changed_at = command.now
    await session.flush()
    await admit_quota(session, quota, booking, command.now)
    if booking.state == "confirmed":
        await publish(session, _told(booking))
    return booking


async def _hold(session: AsyncSession, booking: Booking) -> Bookable:
    """Hold the space and then the booking: in the order of an emergency, or each would wait for the other."""
    space = await hold_bookable(session, booking.space_id)
    await session.refresh(booking, with_for_update=True)
    return space if booking.space_id == space.id else await hold_bookable(session, booking.space_id)


def _check_state(booking: Booking, now: datetime) -> None:
    state = state_at(booking.state, booking.expires_at, now)
    if state not in {"requested", "confirmed"}:
        raise why_not_moved(str(booking.id), state, "requested、confirmed")
    if booking.starts_at <= now:
        raise BookingBegun(starts_at=local(booking.starts_at))


async def _claim_anew(session: AsyncSession, booking: Booking, space: Bookable, command: Reschedule) -> None:
    place = (space.community_code, space.id)
    await require_unreserved(session, place, command.period, command.channel, command.now)
    windows = await windows_around(session, space, command.period, booking.function)
    admit_period(space, windows, command.period, command.now)
    await lock_units(session, space.unit_ids)  # two who swap their periods would wait for each other
    await release_units(session, booking.community_code, booking.id)
    expires_at = command.period[0] if booking.state == "requested" else None
    claimed = claimed_period(space, command.period)
    wanted = Wanted(space.community_code, space.unit_ids, claimed, command.now, expires_at, booking.id)
    if await claim_units(session, wanted) is None:
        instead = await find_alternatives(session, space, command.period, command.now, booking.function)
        raise SlotTaken(alternatives=alternatives(*instead))


def _told(booking: Booking) -> BookingRescheduled:
    return BookingRescheduled(
        community_code=booking.community_code,
        booking_id=booking.id,
        space_id=booking.space_id,
        resident_id=booking.resident_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        sequence=booking.sequence,
    )
