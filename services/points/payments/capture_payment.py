"""Capture a payment: the merchant takes what it was promised, or less; the rest is free again."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.exchange.rules import price_before_discount
from services.points.fraud.queries import require_unfrozen
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, merchant, release_of, resident
from services.points.merchants.queries import community_of_active_merchant
from services.points.payments.rules import check_left, check_open
from services.points.payments.tables import Payment
from services.points.redemptions.rules import Purchase, transfers_for
from shared.errors import unless_refused
from shared.events.points import RedemptionCaptured
from shared.outbox import publish

_REDEEMED = text("""
    INSERT INTO redemption (community_code, redemption_id, merchant_id, resident_id, payer_community, price, paid,
                            discount_bp, quote_id, captured_at)
    SELECT community_code, redemption_id, merchant_id, resident_id, payer_community, captured, :paid, discount_bp,
           payment_id, captured_at
    FROM payment WHERE community_code = :code AND payment_id = :payment_id
""")


async def capture_payment(session: AsyncSession, payment: Payment, points: int, *, now: datetime) -> None:
    """Take points of an authorised payment, whose row is locked.

    Raises:
        PaymentClosed: It is captured or voided, or its time is over.
        MoreThanPaid: It was authorised for less.
        MerchantDebarred: The merchant has been put on the black list since.
        Frozen: The resident or the merchant is suspected, or ScreeningLate: nobody has looked lately.
    """
    check_open(payment.payment_id, payment.state, payment.expires_at, now)
    check_left(payment.payment_id, payment.price, points)
    await community_of_active_merchant(session, payment.merchant_id, now)
    await require_unfrozen(session, resident(payment.resident_id).owner, merchant(payment.merchant_id).owner, now=now)
    bought = _bought(payment, points)
    transfers = transfers_for(bought)
    merchants_transfer = len(transfers) - 1
    if bought.paid < payment.paid:
        wallet = payment.payer_community, AssetClass.SERVICE, resident(payment.resident_id)
        transfers.append(release_of(wallet, bought.reference))
    [outcome] = await post(session, [transfers], now=now)
    payment.redemption_id = unless_refused(outcome)[merchants_transfer].transfer_id
    payment.state, payment.captured, payment.captured_at = "captured", points, now
    await session.flush()
    await _redeemed(session, payment, bought)


def _bought(payment: Payment, points: int) -> Purchase:
    return Purchase(
        reference=str(payment.payment_id),
        resident_id=payment.resident_id,
        payer_community=payment.payer_community,
        merchant_id=payment.merchant_id,
        merchant_community=payment.community_code,
        price=points,
        paid=price_before_discount(points, payment.rate_bp, payment.discount_bp),
        rate_bp=payment.rate_bp,
        discount_bp=payment.discount_bp,
        hold=str(payment.payment_id),
    )


async def _redeemed(session: AsyncSession, payment: Payment, bought: Purchase) -> None:
    names = {"code": payment.community_code, "payment_id": payment.payment_id, "paid": bought.paid}
    await session.execute(_REDEEMED, names)
    event = RedemptionCaptured(
        community_code=payment.community_code,
        redemption_id=payment.redemption_id,
        merchant_id=payment.merchant_id,
        points=bought.price,
        payer_community_code=payment.payer_community,
        paid_points=bought.paid,
        captured_at=payment.captured_at,
    )
    await publish(session, event)
