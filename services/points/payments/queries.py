"""Reads of payments."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.merchants.rules import acts_for
from services.points.payments.rules import PaymentUnknown
from services.points.payments.tables import Payment
from shared.identity import Identity


async def get_payment(session: AsyncSession, payment_id: uuid.UUID, who: Identity) -> Payment:
    """Return a payment to its resident, its merchant, or staff of either community.

    Raises:
        PaymentUnknown: There is none that this caller may see.
    """
    payment = await session.scalar(select(Payment).where(Payment.payment_id == payment_id))
    if payment is None or not _may_see(who, payment):
        raise PaymentUnknown(payment_id=payment_id)
    return payment


async def hold_payment(session: AsyncSession, payment_id: uuid.UUID, who: Identity) -> Payment:
    """Return a payment to its merchant's till, locked until the transaction ends.

    Raises:
        PaymentUnknown: There is none of this merchant.
    """
    found = select(Payment).where(Payment.payment_id == payment_id).with_for_update(key_share=True)
    payment = await session.scalar(found)
    if payment is None or not acts_for(who, payment.merchant_id, payment.community_code):
        raise PaymentUnknown(payment_id=payment_id)
    return payment


def _may_see(who: Identity, payment: Payment) -> bool:
    own = who.subject == f"resident:{payment.resident_id}"
    communities = payment.community_code, payment.payer_community
    staff = any(who.holds(code, "desk", "operator", "official") for code in communities)
    return own or staff or acts_for(who, payment.merchant_id, payment.community_code)
