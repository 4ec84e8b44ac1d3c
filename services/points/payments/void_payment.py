"""Void a payment: what was held for it is free again."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, release_of, resident
from services.points.payments.rules import check_open
from services.points.payments.tables import Payment
from shared.errors import unless_refused


async def void_payment(session: AsyncSession, payment: Payment, *, now: datetime) -> None:
    """Let go of an authorised payment, whose row is locked.

    Raises:
        PaymentClosed: It is captured or voided, or its time is over.
    """
    check_open(payment.payment_id, payment.state, payment.expires_at, now)
    wallet = payment.payer_community, AssetClass.SERVICE, resident(payment.resident_id)
    [outcome] = await post(session, [[release_of(wallet, str(payment.payment_id))]], now=now)
    unless_refused(outcome)
    payment.state = "voided"
    await session.flush()
