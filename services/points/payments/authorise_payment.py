"""Authorise a payment: a resident's points are held for a merchant, of this or another community, in one step."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.exchange.queries import corridor_in_force
from services.points.exchange.rules import price_before_discount
from services.points.fraud.queries import require_unfrozen
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, hold_of, merchant, resident
from services.points.limits.read_room import read_room
from services.points.limits.rules import Asked, Direction, Use
from services.points.merchants.queries import community_of_active_merchant, goods_of
from services.points.payments.rules import AUTHORISED_FOR, CodeUsed, ResidentCode, check_share
from services.points.payments.tables import Payment, UsedCode
from shared.clock import local_day
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
    """
    code = command.code
    merchant_community = await community_of_active_merchant(session, command.merchant_id, now)
    check_share(command.points, await goods_of(session, merchant_community, command.merchant_id, command.items))
    await require_unfrozen(session, resident(code.resident_id).owner, merchant(command.merchant_id).owner, now=now)
    discount_bp = 0
    if merchant_community != code.community_code:
        discount_bp = (await corridor_in_force(session, code.community_code, merchant_community)).discount_bp
    used = insert(UsedCode).values(community_code=code.community_code, code_id=code.code_id, used_at=now)
    if await session.scalar(used.on_conflict_do_nothing().returning(UsedCode.code_id)) is None:
        raise CodeUsed
    payment = Payment(
        community_code=merchant_community,
        merchant_id=command.merchant_id,
        resident_id=code.resident_id,
        payer_community=code.community_code,
        price=command.points,
        paid=price_before_discount(command.points, discount_bp),
        discount_bp=discount_bp,
        authorised_at=now,
        expires_at=now + AUTHORISED_FOR,
    )
    session.add(payment)
    await session.flush()
    await _hold(session, payment, now)
    return payment


async def _hold(session: AsyncSession, payment: Payment, now: datetime) -> None:
    asked = Asked(payment.resident_id, Use(payment.payer_community, None, local_day(now), payment.paid))
    (await read_room(session, Direction.SPEND, [asked], now=now)).take(asked)
    wallet = payment.payer_community, AssetClass.SERVICE, resident(payment.resident_id)
    [outcome] = await post(
        session, [[hold_of(wallet, str(payment.payment_id), payment.paid, payment.expires_at)]], now=now
    )
    unless_refused(outcome)
