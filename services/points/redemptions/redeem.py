"""Redeem: a resident pays a merchant, of this or another community, in one step."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.exchange.rules import QuoteUnknown, usable
from services.points.exchange.tables import Quote
from services.points.ledger.post import post
from services.points.ledger.rules import (
    DISCOUNT,
    AccountName,
    AssetClass,
    Posted,
    PostTransfer,
    TransferKind,
    clearing,
    merchant,
    resident,
)
from services.points.merchants.queries import community_of_active_merchant
from services.points.redemptions.rules import only_service
from services.points.redemptions.tables import Redemption
from shared.errors import unless_refused
from shared.events.points import RedemptionCaptured
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Redeem:
    """A quote that its resident executes, with points of a class."""

    resident_id: uuid.UUID
    quote_id: uuid.UUID
    asset_class: AssetClass


async def redeem(session: AsyncSession, command: Redeem, *, now: datetime) -> tuple[Redemption, list[Posted]]:
    """Execute a quote: the resident's points leave, the merchant's arrive, and both communities note what is owed.

    Returns:
        The redemption, and the transfers that were posted: one within a community, two between communities.

    Raises:
        BasicPointsNotSpendable: The points are basic ones.
        QuoteUnknown: The resident has no such quote.
        QuoteSpent: It is used or expired.
        MerchantDebarred: The merchant has been put on the black list since.
        NotEnoughPoints: The resident has less to spend.
    """
    only_service(command.asset_class)
    quote = await session.scalar(
        select(Quote)
        .where(Quote.quote_id == command.quote_id, Quote.resident_id == command.resident_id)
        .with_for_update()
    )
    if quote is None:
        raise QuoteUnknown(quote_id=command.quote_id)
    usable(quote.quote_id, expires_at=quote.expires_at, used_at=quote.used_at, now=now)
    await community_of_active_merchant(session, quote.merchant_id, now)
    [outcome] = await post(session, [transfers_for(quote)], now=now)
    posted = unless_refused(outcome)
    quote.used_at = now
    redemption = Redemption(
        community_code=quote.merchant_community,
        merchant_id=quote.merchant_id,
        resident_id=quote.resident_id,
        payer_community=quote.community_code,
        price=quote.price,
        paid=quote.paid,
        discount_bp=quote.discount_bp,
        quote_id=quote.quote_id,
        captured_at=now,
    )
    session.add(redemption)
    await session.flush()
    await publish(
        session,
        RedemptionCaptured(
            community_code=redemption.community_code,
            redemption_id=redemption.redemption_id,
            merchant_id=redemption.merchant_id,
            points=redemption.price,
            payer_community_code=redemption.payer_community,
            paid_points=redemption.paid,
            captured_at=now,
        ),
    )
    return redemption, posted


def transfers_for(quote: Quote) -> list[PostTransfer]:
    """Return the transfers that execute a quote.

    Within one community the points go from resident to merchant. Between two, the payer's book notes what it now owes
    the other and keeps the discount; the merchant's book notes the same as owed to it: the clearing accounts are
    mirrored, equal and opposite, in one commit (P22).
    """
    reference = str(quote.quote_id)
    payer, payee = resident(quote.resident_id), merchant(quote.merchant_id)

    def transfer(community_code: str, *amounts: tuple[AccountName, int]) -> PostTransfer:
        return PostTransfer(community_code, AssetClass.SERVICE, TransferKind.REDEEM, reference, amounts)

    if quote.merchant_community == quote.community_code:
        return [transfer(quote.community_code, (payer, -quote.paid), (payee, quote.price))]
    kept = quote.paid - quote.price
    owed = (clearing(quote.merchant_community), quote.price)
    discount = [(DISCOUNT, kept)] if kept else []
    return [
        transfer(quote.community_code, (payer, -quote.paid), owed, *discount),
        transfer(quote.merchant_community, (clearing(quote.community_code), -quote.price), (payee, quote.price)),
    ]
