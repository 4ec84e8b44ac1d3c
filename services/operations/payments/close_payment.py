"""Close a payment: it has been paid, or it is rejected and what it settled may be asked for again."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.fund import queries
from services.operations.fund.move import Movement, move
from services.operations.fund.rules import OUTSIDE
from services.operations.payments import queries as payments
from services.operations.payments.rules import PaymentStepRefused
from services.operations.payments.tables import FundPayment, FundSettledReceivable


@dataclass(frozen=True, slots=True)
class Closing:
    """Who closes which payment; with the bank's reference it has been paid, without it is rejected."""

    community_code: str
    payment_id: uuid.UUID
    bank_reference: str | None
    by: str
    now: datetime


async def close_payment(session: AsyncSession, command: Closing) -> FundPayment:
    """Close a payment.

    Raises:
        FundUnseen: The community has no fund.
        PaymentUnseen: There is no such payment.
        PaymentStepRefused: It is not approved (to be paid), or not waiting (to be rejected).
        ReferenceUsed: The bank's reference is booked already.
    """
    await queries.hold(session, command.community_code)
    payment = await payments.payment(session, command.community_code, command.payment_id)
    wanted = "approved" if command.bank_reference else "requested"
    if payment.state != wanted:
        raise PaymentStepRefused(state=payment.state, wanted=wanted)
    if command.bank_reference:
        await move(session, _paid(payment, command, command.bank_reference))
        payment.state = "paid"
    else:
        mine = FundSettledReceivable.payment_id == payment.id
        await session.execute(
            delete(FundSettledReceivable).where(FundSettledReceivable.community_code == payment.community_code, mine)
        )
        payment.state = "rejected"
    await session.flush()
    return payment


def _paid(payment: FundPayment, command: Closing, bank_reference: str) -> Movement:
    return Movement(
        community_code=payment.community_code,
        from_account=f"payable:{payment.merchant_id or payment.payee}",
        to_account=OUTSIDE,
        amount_fen=payment.amount_fen,
        reference=f"bank:{bank_reference}",
        memo=payment.purpose,
        moved_at=command.now,
        moved_by=command.by,
    )
