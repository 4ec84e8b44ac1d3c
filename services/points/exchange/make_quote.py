"""Quote: what a purchase at a merchant costs in points of the payer's community; rate and lots are held for a while."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.debit_caps.cover_quote import REFUSALS as COVER_QUOTE
from services.points.debit_caps.cover_quote import cover_quote
from services.points.exchange.queries import rate_now
from services.points.exchange.rules import BASIS, NoCorridor, price_before_discount
from services.points.exchange.tables import Quote
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, NotEnoughPoints, hold_of, resident
from services.points.limits.let_spend import REFUSALS as LET_SPEND
from services.points.limits.let_spend import Spending, let_spend
from services.points.merchants.queries import community_of_active_merchant
from services.points.merchants.rules import MerchantDebarred, MerchantUnknown
from shared.errors import unless_refused

QUOTE_HOLDS = timedelta(minutes=5)


REFUSALS = (MerchantUnknown, MerchantDebarred, NoCorridor, *LET_SPEND, NotEnoughPoints, *COVER_QUOTE)
"""What `make_quote` may refuse with."""


@dataclass(frozen=True, slots=True)
class AskQuote:
    """Who wants to pay how many of the merchant's points, out of which community's."""

    resident_id: uuid.UUID
    community_code: str
    merchant_id: uuid.UUID
    price: int


async def make_quote(session: AsyncSession, command: AskQuote, *, now: datetime) -> Quote:
    """Quote at the corridor in force, and hold the lots that it takes; within one community points are taken at par.

    Raises:
        MerchantUnknown: There is no such merchant.
        MerchantDebarred: It is on the black list.
        NoCorridor: The two communities have no corridor in force.
        Frozen: The resident or the merchant is suspected, or ScreeningLate: nobody has looked lately.
        CapReached: The resident may spend no more in this period.
        NotEnoughPoints: The resident has fewer points that are free than it costs.
        DebitCapReached: The resident's community would owe more than its cap allows.
    """
    merchant_community = await community_of_active_merchant(session, command.merchant_id, now)
    rate_bp, discount_bp, version = BASIS, 0, None
    if merchant_community != command.community_code:
        rate = await rate_now(session, command.community_code, merchant_community, now=now)
        rate_bp, discount_bp, version = rate.rate_bp, rate.discount_bp, rate.version
    quote = Quote(
        community_code=command.community_code,
        resident_id=command.resident_id,
        merchant_id=command.merchant_id,
        merchant_community=merchant_community,
        price=command.price,
        paid=price_before_discount(command.price, rate_bp, discount_bp),
        rate_bp=rate_bp,
        discount_bp=discount_bp,
        corridor_version=version,
        expires_at=now + QUOTE_HOLDS,
    )
    spending = Spending(quote.resident_id, quote.community_code, quote.paid, quote.merchant_id)
    await let_spend(session, spending, now=now)
    session.add(quote)
    await session.flush()
    payer = (quote.community_code, AssetClass.SERVICE, resident(quote.resident_id))
    [outcome] = await post(session, [[hold_of(payer, str(quote.quote_id), quote.paid, quote.expires_at)]], now=now)
    unless_refused(outcome)
    if version is not None:  # last, as those who come meanwhile wait for it
        await cover_quote(session, quote.community_code, merchant_community, quote.price, now=now)
    return quote
