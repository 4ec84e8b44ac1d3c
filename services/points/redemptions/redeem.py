"""Redeem: residents pay merchants, of this or another community, in one step each."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import DateTime, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.exchange.rules import QuoteSpent, QuoteUnknown, usable
from services.points.exchange.tables import Quote
from services.points.fraud.queries import REFUSALS as UNFROZEN
from services.points.fraud.queries import frozen_among
from services.points.fraud.rules import Frozen, ScreeningLate
from services.points.ledger.post import post
from services.points.ledger.rules import (
    AlreadyPosted,
    AssetClass,
    NotEnoughPoints,
    Outcome,
    Posted,
    merchant,
    resident,
)
from services.points.limits.rules import CapReached
from services.points.lots.rules import HoldClosed, HoldUnknown
from services.points.merchants.rules import MerchantDebarred, may_take_points
from services.points.redemptions.rules import BasicPointsNotSpendable, Purchase, only_service, transfers_for
from shared.database import columns
from shared.errors import Refusal
from shared.events.points import RedemptionCaptured
from shared.outbox import publish
from shared.telemetry import traceparent

REFUSALS = (BasicPointsNotSpendable, QuoteUnknown, QuoteSpent, MerchantDebarred, CapReached, NotEnoughPoints, *UNFROZEN)
"""What `redeem` may refuse with."""


@dataclass(frozen=True, slots=True)
class Redeem:
    """A quote that its resident executes, with points of a class."""

    resident_id: uuid.UUID
    quote_id: uuid.UUID
    asset_class: AssetClass
    trace: str = field(default_factory=traceparent)


@dataclass(frozen=True, slots=True)
class Captured:
    """A quote that was executed, and the transfers that were posted: one within a community, two between communities.

    The redemption bears the name of the transfer to the merchant.
    """

    redemption_id: uuid.UUID
    quote: Quote
    captured_at: datetime
    posted: list[Posted]


Held = Mapping[tuple[uuid.UUID, uuid.UUID], tuple[Quote, datetime | None]]
"""Quotes by resident and quote, each with the time from which its merchant takes no points, if ever."""

_HOLD = select(Quote, literal_column("debarred_from", DateTime)).from_statement(
    text("""
        SELECT quote.*, debarred_from FROM quote
        JOIN unnest(CAST(:residents AS uuid[]), CAST(:quote_ids AS uuid[])) AS asked (resident_id, quote_id)
            USING (resident_id, quote_id)
        LEFT JOIN merchant USING (merchant_id)
        ORDER BY quote.community_code, quote_id FOR NO KEY UPDATE OF quote
    """)
)
_CAPTURE = text("""
    WITH used AS (
        UPDATE quote SET used_at = CAST(:now AS timestamptz)
        FROM unnest(CAST(:codes AS text[]), CAST(:quote_ids AS uuid[]), CAST(:ids AS uuid[]))
            AS executed (community_code, quote_id, redemption_id)
        WHERE quote.community_code = executed.community_code AND quote.quote_id = executed.quote_id
        RETURNING quote.*, redemption_id
    )
    INSERT INTO redemption (community_code, redemption_id, merchant_id, resident_id, payer_community, price, paid,
                            discount_bp, quote_id, captured_at)
    SELECT merchant_community, redemption_id, merchant_id, resident_id, community_code, price, paid, discount_bp,
           quote_id, used_at
    FROM used
""")


async def redeem(session: AsyncSession, commands: Sequence[Redeem], *, now: datetime) -> list[Captured | Refusal]:
    """Execute quotes: the residents' points leave, the merchants' arrive, and communities note what they owe.

    What a quote holds has counted for the resident's caps since it was made.

    Returns:
        For each command in its order what was captured, or why nothing was; one that is refused never stops the others:
        ScreeningLate, nobody has looked for fraud lately; Frozen, the resident or merchant is suspected;
        BasicPointsNotSpendable, the points are basic ones; QuoteUnknown, the resident has no such quote; QuoteSpent, it
        is used or expired; MerchantDebarred, the merchant has been put on the black list since.
    """
    named = columns("residents quote_ids", {(one.resident_id, one.quote_id) for one in commands})
    found = await session.execute(_HOLD, named, execution_options={"populate_existing": True})
    held = {(quote.resident_id, quote.quote_id): (quote, debarred_from) for quote, debarred_from in found}
    try:
        frozen = await frozen_among(session, [one for quote, _ in held.values() for one in _parties(quote)], now)
    except ScreeningLate as late:
        return [late for _ in commands]
    judged = [_judge(one, held, frozen, now) for one in commands]
    postings = [transfers_for(_purchase(one)) for one in judged if isinstance(one, Quote)]
    outcomes = iter(await post(session, postings, now=now))
    answers = [_done(one, next(outcomes), now) if isinstance(one, Quote) else one for one in judged]
    captured = [(a, command.trace) for a, command in zip(answers, commands, strict=True) if isinstance(a, Captured)]
    if captured:
        rows = [(one.quote.community_code, one.quote.quote_id, one.redemption_id) for one, _ in captured]
        await session.execute(_CAPTURE, {**columns("codes quote_ids ids", rows), "now": now})
        await publish(session, *(_told(one) for one, _ in captured), traces=[trace for _, trace in captured])
    return answers


def _purchase(quote: Quote) -> Purchase:
    return Purchase(
        reference=str(quote.quote_id),
        resident_id=quote.resident_id,
        payer_community=quote.community_code,
        merchant_id=quote.merchant_id,
        merchant_community=quote.merchant_community,
        price=quote.price,
        paid=quote.paid,
        rate_bp=quote.rate_bp,
        discount_bp=quote.discount_bp,
        hold=str(quote.quote_id),
    )


def _parties(quote: Quote) -> list[str]:
    return [resident(quote.resident_id).owner, merchant(quote.merchant_id).owner]


def _judge(command: Redeem, held: Held, frozen: set[str], now: datetime) -> Quote | Refusal:
    quote, debarred_from = held.get((command.resident_id, command.quote_id), (None, None))
    try:
        only_service(command.asset_class)
        if quote is None:
            raise QuoteUnknown(quote_id=command.quote_id)
        usable(quote.quote_id, expires_at=quote.expires_at, used_at=quote.used_at, now=now)
        may_take_points(quote.merchant_id, debarred_from, now)
        for one in frozen.intersection(_parties(quote)):
            raise Frozen(who=one.partition(":")[0])
    except Refusal as refusal:
        return refusal
    return quote


def _done(quote: Quote, outcome: Outcome, now: datetime) -> Captured | Refusal:
    if isinstance(outcome, AlreadyPosted | HoldClosed | HoldUnknown):  # by another of the same set, or its time is over
        return QuoteSpent(quote_id=quote.quote_id)
    return outcome if isinstance(outcome, Refusal) else Captured(outcome[-1].transfer_id, quote, now, outcome)


def _told(captured: Captured) -> RedemptionCaptured:
    quote = captured.quote
    return RedemptionCaptured(
        community_code=quote.merchant_community,
        redemption_id=captured.redemption_id,
        merchant_id=quote.merchant_id,
        points=quote.price,
        payer_community_code=quote.community_code,
        paid_points=quote.paid,
        captured_at=captured.captured_at,
    )
