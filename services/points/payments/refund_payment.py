"""Refund a payment, in whole or in parts: points go back into the lots that they came out of."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.exchange.rules import Payment as Parts
from services.points.ledger.post import post
from services.points.ledger.rules import (
    DISCOUNT,
    RESIDUE,
    AccountName,
    AssetClass,
    PostTransfer,
    TransferKind,
    clearing,
    merchant,
    resident,
)
from services.points.payments.rules import check_left, check_state, given_back
from services.points.payments.tables import Payment
from shared.errors import unless_refused
from shared.events.points import RedemptionRefunded
from shared.outbox import publish


async def refund_payment(session: AsyncSession, payment: Payment, points: int, *, now: datetime) -> None:
    """Give back points of a captured payment, whose row is locked; the exchange is undone at the payment's own rate.

    Raises:
        PaymentClosed: Nothing was captured.
        MoreThanPaid: Less is left of it.
    """
    check_state(payment.payment_id, payment.state, "captured")
    check_left(payment.payment_id, payment.captured - payment.refunded, points)
    back = given_back(payment.captured, payment.refunded, points, payment.rate_bp, payment.discount_bp)
    [outcome] = await post(session, [_reversals(payment, points, back)], now=now)
    unless_refused(outcome)
    payment.refunded += points
    await session.flush()
    event = RedemptionRefunded(
        community_code=payment.community_code,
        redemption_id=payment.redemption_id,
        merchant_id=payment.merchant_id,
        points=points,
        refunded_points=payment.refunded,
        payer_community_code=payment.payer_community,
        refunded_at=now,
    )
    await publish(session, event)


def _reversals(payment: Payment, points: int, back: Parts) -> list[PostTransfer]:
    reference = f"refund:{payment.payment_id}:{payment.refunded + points}"
    payer, payee = resident(payment.resident_id), merchant(payment.merchant_id)

    def reversal(community_code: str, *amounts: tuple[AccountName, int]) -> PostTransfer:
        return PostTransfer(
            community_code,
            AssetClass.SERVICE,
            TransferKind.REVERSE,
            reference,
            amounts,
            reverses=(TransferKind.REDEEM, str(payment.payment_id)),
        )

    if payment.payer_community == payment.community_code:
        return [reversal(payment.community_code, (payee, -points), (payer, points))]
    kept = [(name, -part) for name, part in ((DISCOUNT, back.discount), (RESIDUE, back.residue)) if part]
    gets = back.arrives + back.discount + back.residue
    return [
        reversal(payment.payer_community, (payer, gets), (clearing(payment.community_code), -points), *kept),
        reversal(payment.community_code, (clearing(payment.payer_community), points), (payee, -points)),
    ]
