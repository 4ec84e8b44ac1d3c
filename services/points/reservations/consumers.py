"""Takes in the steps of payments that another service asks for, and answers each."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.post import post
from services.points.reservations.rules import is_settled, transfer_for
from shared.errors import Refusal
from shared.events.points import PaymentStepAnswered
from shared.events.scenarios import PaymentStepRequested
from shared.outbox import publish

TOO_LATE = "hold-over"


async def take_step(session: AsyncSession, event: PaymentStepRequested) -> None:
    """Post a step of a payment and answer it; a hold that comes after its own deadline is refused."""
    now = datetime.now(UTC)
    if event.step == "hold" and event.hold_until <= now:
        return await publish(session, _answer(event, TOO_LATE))
    [outcome] = await post(session, [[transfer_for(event)]], now=now)
    reason = outcome.type if isinstance(outcome, Refusal) and not is_settled(event.step, outcome) else None
    return await publish(session, _answer(event, reason))


def _answer(event: PaymentStepRequested, reason: str | None) -> PaymentStepAnswered:
    return PaymentStepAnswered(
        community_code=event.community_code,
        booking_id=event.booking_id,
        resident_id=event.resident_id,
        step=event.step,
        accepted=reason is None,
        reason=reason,
    )
