"""Takes in the steps of payments that another service asks for, and answers each."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.post import post
from services.points.ledger.tables import Hold
from services.points.limits.let_spend import Spending, let_spend
from services.points.reservations.rules import is_settled, reference_of, transfer_for
from shared.errors import Refusal
from shared.events.points import PaymentStepAnswered
from shared.events.scenarios import PaymentStepRequested
from shared.outbox import publish

TOO_LATE = "hold-over"


async def take_step(session: AsyncSession, event: PaymentStepRequested) -> None:
    """Post a step of a payment and answer it; a hold that comes after its own deadline is refused."""
    now = datetime.now(UTC)
    reason = await _may_not_hold(session, event, now) if event.step == "hold" else None
    if reason is None:
        [outcome] = await post(session, [[transfer_for(event)]], now=now)
        reason = outcome.type if isinstance(outcome, Refusal) and not is_settled(event.step, outcome) else None
    await publish(session, _answer(event, reason))


async def _may_not_hold(session: AsyncSession, event: PaymentStepRequested, now: datetime) -> str | None:
    if event.hold_until <= now:
        return TOO_LATE
    try:
        await let_spend(session, Spending(event.resident_id, event.community_code, event.points), now=now)
    except Refusal as refusal:
        held = await session.get(Hold, (event.community_code, reference_of(event)))  # what is held asks for no room
        return None if held else refusal.type
    return None


def _answer(event: PaymentStepRequested, reason: str | None) -> PaymentStepAnswered:
    return PaymentStepAnswered(
        community_code=event.community_code,
        booking_id=event.booking_id,
        resident_id=event.resident_id,
        step=event.step,
        accepted=reason is None,
        reason=reason,
    )
