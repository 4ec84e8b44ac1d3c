"""Authorise a payment: a resident's points are held for a merchant, of this or another community, in one step."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.debit_caps.cover_quote import cover_quote
from services.points.exchange.queries import rate_now
from services.points.exchange.rules import BASIS, price_before_discount
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, hold_of, resident
from services.points.limits.let_spend import Spending, let_spend
from services.points.merchants.queries import community_of_active_merchant, goods_of
from services.points.payments.rules import AUTHORISED_FOR, CodeUsed, ResidentCode, check_share
from services.points.payments.tables import Payment, UsedCode
from shared.errors import unless_refused


@dataclass(frozen=True, slots=True)
class Authorise:
    """Who pays a merchant how many of its community's points, and for how many pieces of which items."""

    code: ResidentCode
    merchant_id: uuid.UUID
    points: int
    items: Mapping[str, int]


async def authorise_payment(session: AsyncSession, command: Authorise, *, now: datetime) -> Payment:
    """Hold what a purchase costs the resident; the exchange between communities is inside.

    Raises:
        MerchantUnknown: There is no such merchant, or MerchantDebarred: it takes no points.
        ItemUnknown: The merchant does not offer one of the items.
        ShareExceeded: They may not be paid with that many points.
        NoCorridor: The two communities have agreed on no corridor.
        CodeUsed: The code was used before.
        CapReached: The resident may spend no more in this period.
        NotEnoughPoints: It has less.
        Frozen: The resident or the merchant is suspected, or ScreeningLate: nobody has looked lately.
        DebitCapReached: The resident's community would owe more than its cap allows.
    """
    code = command.code
    merchant_community = await community_of_active_merchant(session, command.merchant_id, now)
    check_share(command.points, await goods_of(session, merchant_community, command.merchant_id, command.items))
    rate_bp, discount_bp = BASIS, 0
    if merchant_community != code.community_code:
        rate = await rate_now(session, code.community_code, merchant_community, now=now)
        rate_bp, discount_bp = rate.rate_bp, rate.discount_bp
    used = insert(UsedCode).values(community_code=code.community_code, code_id=code.code_id, used_at=now)
    if await session.scalar(used.on_conflict_do_nothing().returning(UsedCode.code_id)) is None:
        raise CodeUsed
    payment = Payment(
        community_code=merchant_community,
        merchant_id=command.merchant_id,
        resident_id=code.resident_id,
        payer_community=code.community_code,
        price=command.points,
        paid=price_before_discount(command.points, rate_bp, discount_bp),
        rate_bp=rate_bp,
        discount_bp=discount_bp,
        authorised_at=now,
        expires_at=now + AUTHORISED_FOR,
    )
    spending = Spending(payment.resident_id, payment.payer_community, payment.paid, payment.merchant_id)
    await let_spend(session, spending, now=now)
    session.add(payment)
    await session.flush()
    await _hold(session, payment, now)
    return payment


async def _hold(session: AsyncSession, payment: Payment, now: datetime) -> None:
    wallet = payment.payer_community, AssetClass.SERVICE, resident(payment.resident_id)
    [outcome] = await post(
        session, [[hold_of(wallet, str(payment.payment_id), payment.paid, payment.expires_at)]], now=now
    )
    unless_refused(outcome)
    if payment.payer_community != payment.community_code:  # last, as those who come meanwhile wait for it
        await cover_quote(session, payment.payer_community, payment.community_code, payment.price, now=now)
