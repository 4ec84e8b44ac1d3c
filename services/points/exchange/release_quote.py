"""Release a quote: a resident who does not buy after all has the points that it holds free again at once."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.exchange.rules import QuoteUnknown, usable
from services.points.exchange.tables import Quote
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, release_of, resident
from shared.errors import unless_refused


async def release_quote(session: AsyncSession, resident_id: uuid.UUID, quote_id: uuid.UUID, *, now: datetime) -> Quote:
    """End a quote now, and let go of what it holds.

    Raises:
        QuoteUnknown: The resident has no such quote.
        QuoteSpent: It is used or its time is over.
    """
    quote = await session.scalar(
        select(Quote)
        .where(Quote.resident_id == resident_id, Quote.quote_id == quote_id)
        .with_for_update(key_share=True)
    )
    if quote is None:
        raise QuoteUnknown(quote_id=quote_id)
    usable(quote_id, expires_at=quote.expires_at, used_at=quote.used_at, now=now)
    payer = (quote.community_code, AssetClass.SERVICE, resident(resident_id))
    [outcome] = await post(session, [[release_of(payer, str(quote_id))]], now=now)
    unless_refused(outcome)
    quote.expires_at = now
    await session.flush()
    return quote
