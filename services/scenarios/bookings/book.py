"""Book a space for a resident."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.availability.queries import find_alternatives, hold_bookable, windows_around
from services.scenarios.availability.rules import SlotTaken, admit_period, alternatives, claimed_period
from services.scenarios.bookings.queries import (
    admit_quota,
    confirmed,
    lock_quota,
    require_unlimited,
    require_unreserved,
)
from services.scenarios.bookings.rules import first_state
from services.scenarios.bookings.tables import Booking
from services.scenarios.claims.claim_units import Wanted, claim_units
from services.scenarios.spaces.rules import admit_operator
from shared.assistance import DESK_ROLES, OnBehalf, admit
from shared.clock import Period
from shared.identity import Identity
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Book:
    """A period of a space, for a resident.

    Attributes:
        hold: Hold the slot for HOLD, to be confirmed meanwhile.
        function: What the space is wanted as, where it serves several functions.
        series_id: The series that it belongs to.
    """

    space_id: uuid.UUID
    period: Period
    on_behalf: OnBehalf
    by: Identity
    now: datetime
    hold: bool = False
    function: str = "base"
    series_id: uuid.UUID | None = None


async def book(session: AsyncSession, command: Book) -> Booking:
    """Book a space, hold it, or request it where staff approve; what is confirmed is told.

    Raises:
        SpaceUnseen: There is no such space.
        SpaceRetired: It takes no new bookings.
        OperatorDebarred: Who runs it is on the black list.
        OutOfScope: The caller is neither the resident nor the desk of the community.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        ReservedForAssisted: The hours are kept for assisted bookings.
        BookingLimited: The resident has missed too many bookings lately.
        Inadmissible: The space cannot be booked for the period (see `period_refusals`).
        SlotTaken: Another booking has it.
        QuotaExceeded: The household has booked its share of the week; the transaction is to be taken back.
    """
    space = await hold_bookable(session, command.space_id)
    at_desk = command.by.holds(space.community_code, *DESK_ROLES)
    admit(command.on_behalf, by=command.by.subject, at_desk=at_desk, area=space.community_code)
    admit_operator(space.id, space.suspended_from, command.now)
    await require_unlimited(session, space.community_code, command.on_behalf.resident_id, command.now)
    place, channel = (space.community_code, space.id), command.on_behalf.channel
    await require_unreserved(session, place, command.period, channel, command.now)
    windows = await windows_around(session, space, command.period, command.function)
    admit_period(space, windows, command.period, command.now)
    state, expires_at = first_state(command.now, command.period[0], hold=command.hold, approval=space.approval_required)
    quota = await lock_quota(session, space.community_code, command.on_behalf.resident_id)
    claimed = claimed_period(space, command.period)
    wanted = Wanted(space.community_code, space.unit_ids, claimed, command.now, expires_at)
    booking_id = await claim_units(session, wanted)
    if booking_id is None:
        instead = await find_alternatives(session, space, command.period, command.now, command.function)
        raise SlotTaken(alternatives=alternatives(*instead))
    booking = Booking(
        community_code=space.community_code,
        id=booking_id,
        space_id=space.id,
        resident_id=command.on_behalf.resident_id,
        function=command.function,
        starts_at=command.period[0],
        ends_at=command.period[1],
        state=state,
        expires_at=expires_at,
        sequence=0,
        series_id=command.series_id,
        booked_at=command.now,
        changed_at=command.now,
        **command.on_behalf.recorded(command.by.subject),
    )
    session.add(booking)
    await session.flush()
    await admit_quota(session, quota, booking, command.now)
    if state == "confirmed":
        await publish(session, confirmed(booking))
    return booking
