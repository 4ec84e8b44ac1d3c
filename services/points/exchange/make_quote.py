"""Quote: what a purchase at a merchant costs in points of the payer's community, held for a while."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.exchange.queries import corridor_in_force
from services.points.exchange.rules import price_before_discount
from services.points.exchange.tables import Quote
from services.points.merchants.queries import community_of_active_merchant

QUOTE_HOLDS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class AskQuote:
    """Who wants to pay how many of the merchant's points, out of which community's."""

    resident_id: uuid.UUID
    community_code: str
    merchant_id: uuid.UUID
    price: int


async def make_quote(session: AsyncSession, command: AskQuote, *, now: datetime) -> Quote:
    """Quote at the corridor in force; within one community points are taken at par.

    Raises:
        MerchantUnknown: There is no such merchant.
        MerchantDebarred: It is on the black list.
        NoCorridor: The two communities have agreed on no corridor.
    """
    merchant_community = await community_of_active_merchant(session, command.merchant_id, now)
    discount_bp, version = 0, None
    if merchant_community != command.community_code:
        corridor = await corridor_in_force(session, command.community_code, merchant_community)
        discount_bp, version = corridor.discount_bp, corridor.version
    quote = Quote(
        community_code=command.community_code,
        resident_id=command.resident_id,
        merchant_id=command.merchant_id,
        merchant_community=merchant_community,
        price=command.price,
        paid=price_before_discount(command.price, discount_bp),
        discount_bp=discount_bp,
        corridor_version=version,
        expires_at=now + QUOTE_HOLDS,
    )
    session.add(quote)
    await session.flush()
    return quote
