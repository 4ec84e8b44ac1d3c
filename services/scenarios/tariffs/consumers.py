"""Takes in what the points service answered."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.tariffs.queries import find_payment
from services.scenarios.tariffs.rules import after, next_task
from services.scenarios.tariffs.settle_payment import settle_payment
from shared.events.points import PaymentStepAnswered


async def note_answer(session: AsyncSession, event: PaymentStepAnswered) -> None:
    """Note the outcome of the step that was asked for, and go on; an answer to anything else is an old one."""
    payment = await find_payment(session, event.community_code, event.booking_id, lock=True)
    if payment is None or not payment.waiting:
        return
    task = next_task(payment.done, undoing=payment.undoing)
    if task is None or task[0] != event.step:
        return
    payment.waiting = False
    payment.reason = event.reason or payment.reason
    payment.done, payment.undoing = after(payment.done, undoing=payment.undoing, succeeded=event.accepted)
    await settle_payment(session, payment, datetime.now(UTC))
