"""Pay a booking that is held, in points."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.availability.queries import find_bookable
from services.scenarios.bookings.queries import find_booking
from services.scenarios.bookings.rules import state_at, why_not_moved
from services.scenarios.tariffs.queries import find_charge, find_payment, request_of
from services.scenarios.tariffs.rules import NotPayableInPoints, PaymentBegun, hold_until, state_of
from services.scenarios.tariffs.tables import Payment
from shared.assistance import DESK_ROLES, Channel, Consent, OnBehalf, admit
from shared.identity import Identity
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Pay:
    """A held booking that its resident pays in points."""

    booking_id: uuid.UUID
    channel: Channel
    consent: Consent | None
    by: Identity
    now: datetime


async def pay(session: AsyncSession, command: Pay) -> Payment:
    """Begin to pay: the points are asked to be held; once they are, the booking is confirmed, and they are captured.

    Raises:
        BookingUnseen: There is none that the caller may see.
        OutOfScope, ChannelNotAllowed, ConsentMissing: The caller may not act for the resident so.
        BookingLapsed, BookingCancelled, BookingElsewhere: It is not held.
        NotPayableInPoints: It is free, or the space takes no points.
        PaymentBegun: It is being paid, or was.
    """
    booking = await find_booking(session, command.booking_id, command.by)
    on_behalf = OnBehalf(booking.resident_id, command.channel, command.consent)
    at_desk = command.by.holds(booking.community_code, *DESK_ROLES)
    admit(on_behalf, by=command.by.subject, at_desk=at_desk, area=booking.community_code)
    await session.refresh(booking, with_for_update=True)
    if begun := await find_payment(session, booking.community_code, booking.id):
        raise PaymentBegun(state=state_of(begun.done, undoing=begun.undoing))
    state = state_at(booking.state, booking.expires_at, command.now)
    if state != "held":
        raise why_not_moved(str(booking.id), state, "held")
    charge = await find_charge(session, booking)
    if not charge.points:
        raise NotPayableInPoints(fen=charge.fen)
    space = await find_bookable(session, booking.space_id)
    confirmed_by = booking.starts_at if space.approval_required else booking.expires_at or booking.starts_at
    payment = Payment(
        community_code=booking.community_code,
        booking_id=booking.id,
        resident_id=booking.resident_id,
        points=charge.points,
        hold_until=hold_until(confirmed_by),
        done=0,
        undoing=False,
        waiting=True,
        asked_at=command.now,
        **on_behalf.recorded(command.by.subject),
    )
    session.add(payment)
    await publish(session, request_of(payment, "hold"))
    return payment
