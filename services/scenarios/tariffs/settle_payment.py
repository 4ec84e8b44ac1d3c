"""Take a payment as far as it goes by itself: forward, or back when its booking is over."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.availability.queries import find_bookable
from services.scenarios.bookings.move import move
from services.scenarios.bookings.queries import cancelled, confirmed
from services.scenarios.bookings.rules import first_state, state_at
from services.scenarios.bookings.tables import Booking, Cancellation
from services.scenarios.tariffs.queries import request_of
from services.scenarios.tariffs.rules import Task, after, next_task
from services.scenarios.tariffs.tables import Payment
from shared.errors import Conflict
from shared.outbox import publish

OVER = frozenset({"cancelled", "declined", "lapsed"})


async def settle_payment(session: AsyncSession, payment: Payment, now: datetime) -> None:
    """Do what is next, until the points service is asked, staff are to decide, or nothing is left; it comes locked."""
    booking = (
        await session.scalars(
            select(Booking)
            .where(Booking.community_code == payment.community_code, Booking.id == payment.booking_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()
    while not payment.waiting:
        payment.undoing = payment.undoing or state_at(booking.state, booking.expires_at, now) in OVER
        task = next_task(payment.done, undoing=payment.undoing)
        if task is None:
            break
        name, asked = task
        if asked:
            payment.waiting = True
            await publish(session, request_of(payment, name))
        else:
            succeeded = await HERE[name](session, payment, booking, now)
            if succeeded is None:
                break
            payment.done, payment.undoing = after(payment.done, undoing=payment.undoing, succeeded=succeeded)
    await session.flush()


async def _confirm(session: AsyncSession, _: Payment, booking: Booking, now: datetime) -> bool | None:
    """Confirm the booking, or request it where staff approve; none while they have not decided."""
    if booking.state == "held":
        space = await find_bookable(session, booking.space_id)
        to = first_state(now, booking.starts_at, hold=False, approval=space.approval_required)
        try:
            async with session.begin_nested():
                await move(session, booking, ("held",), to, now)
        except Conflict:
            return False
        if booking.state == "confirmed":
            await publish(session, confirmed(booking))
    return True if booking.state == "confirmed" else None


async def _cancel(session: AsyncSession, payment: Payment, booking: Booking, now: datetime) -> bool:
    """Cancel the booking that was confirmed and could not be paid, unless it is over already."""
    if state_at(booking.state, booking.expires_at, now) in {"requested", "confirmed"}:
        was_confirmed = booking.state == "confirmed"
        await move(session, booking, ("requested", "confirmed"), ("cancelled", None), now)
        session.add(
            Cancellation(
                community_code=booking.community_code,
                booking_id=booking.id,
                cancelled_at=now,
                channel=payment.channel,
                given_by=payment.given_by,
                consent=payment.consent,
            )
        )
        if was_confirmed:
            await publish(session, cancelled(booking, now))
    return True


HERE: dict[Task, Callable[[AsyncSession, Payment, Booking, datetime], Awaitable[bool | None]]] = {
    "confirm": _confirm,
    "cancel": _cancel,
}
