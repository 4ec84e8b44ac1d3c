"""Reads of payments."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.payments.rules import PaymentUnseen
from services.operations.payments.tables import FundApproval, FundPayment


async def payment(session: AsyncSession, community_code: str, payment_id: uuid.UUID) -> FundPayment:
    """Return a payment as it is now.

    Raises:
        PaymentUnseen: There is none.
    """
    found = await session.get(FundPayment, (community_code, payment_id), populate_existing=True)
    if found is None:
        raise PaymentUnseen(payment_id=str(payment_id))
    return found


async def approvals(session: AsyncSession, of: FundPayment) -> Sequence[FundApproval]:
    """Return the approvals of a payment."""
    rows = select(FundApproval).where(
        FundApproval.community_code == of.community_code, FundApproval.payment_id == of.id
    )
    return (await session.scalars(rows.order_by(FundApproval.approved_at))).all()
