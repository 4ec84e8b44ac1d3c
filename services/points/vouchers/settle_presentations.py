"""Settle what tills reported: each is paid, refused for a reason, or waits while somebody is frozen."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.exchange.rules import BASIS
from services.points.fraud.queries import frozen_among
from services.points.fraud.rules import ScreeningLate
from services.points.ledger.post import post
from services.points.ledger.rules import merchant, resident
from services.points.merchants.tables import Merchant
from services.points.redemptions.rules import Purchase, transfers_for
from services.points.redemptions.tables import Redemption
from services.points.vouchers.rules import Reason, Report, Standing, judge, reference_of
from services.points.vouchers.tables import Presentation, Voucher
from shared.errors import unless_refused
from shared.events.points import RedemptionCaptured
from shared.outbox import publish

Vouchers = Mapping[uuid.UUID, Voucher]


async def settle_presentations(session: AsyncSession, waiting: Sequence[Presentation], *, now: datetime) -> None:
    """Decide on presentations that wait, whose rows are locked, in the order in which they are given."""
    vouchers = await _hold_vouchers(session, waiting)
    shops = select(Merchant).where(Merchant.merchant_id.in_({one.merchant_id for one in waiting}))
    debarred_from = {one.merchant_id: one.debarred_from for one in await session.scalars(shops)}
    frozen = await _frozen(session, waiting, vouchers, now)
    paid: list[Presentation] = []
    for one in waiting:
        voucher = vouchers.get(one.voucher_id) if one.voucher_id else None
        reason = judge(
            Report(one.presentation_id, one.token, one.presented_at),
            _standing(voucher, {p.voucher_id for p in paid}, one.posted_at) if voucher else None,
            same_community=one.voucher_community == one.community_code,
            debarred_from=debarred_from[one.merchant_id],
            frozen=frozen is None or bool(frozen.intersection(_parties(one, voucher))),
            now=now,
        )
        _decide(one, reason, now)
        if reason is None:
            paid.append(one)
    await _pay(session, [(one, vouchers[one.voucher_id]) for one in paid if one.voucher_id], now)


async def _hold_vouchers(session: AsyncSession, waiting: Sequence[Presentation]) -> Vouchers:
    named = {(one.voucher_community, one.voucher_id) for one in waiting if one.voucher_id}
    rows = select(Voucher).where(tuple_(Voucher.community_code, Voucher.voucher_id).in_(named))
    locked = rows.order_by(Voucher.community_code, Voucher.voucher_id).with_for_update(key_share=True)
    found = await session.scalars(locked, execution_options={"populate_existing": True})
    return {one.voucher_id: one for one in found}


async def _frozen(
    session: AsyncSession, waiting: Sequence[Presentation], vouchers: Vouchers, now: datetime
) -> set[str] | None:
    """Return who of those concerned is frozen; None: everybody, as nobody has looked lately."""
    concerned = {merchant(one.merchant_id).owner for one in waiting}
    concerned |= {resident(one.resident_id).owner for one in vouchers.values()}
    try:
        return await frozen_among(session, concerned, now)
    except ScreeningLate:
        return None


def _parties(one: Presentation, voucher: Voucher | None) -> list[str]:
    own = [resident(voucher.resident_id).owner] if voucher else []
    return [merchant(one.merchant_id).owner, *own]


def _standing(voucher: Voucher, paid_now: set[uuid.UUID | None], posted_at: datetime) -> Standing:
    paid = voucher.redemption_id is not None or voucher.voucher_id in paid_now
    closed = voucher.closed_at is not None or voucher.closes_at <= posted_at  # what waits is not late for that
    return Standing(voucher.token, voucher.issued_at, voucher.expires_at, voucher.revoked_at, paid, closed)


def _decide(one: Presentation, reason: Reason | None, now: datetime) -> None:
    one.state = "paid" if reason is None else "waiting" if reason is Reason.FROZEN else "refused"
    one.reason, one.decided_at = reason, now


async def _pay(session: AsyncSession, paid: Sequence[tuple[Presentation, Voucher]], now: datetime) -> None:
    """Capture the vouchers' holds, in one batch: accounts are locked in one order whatever the tills send."""
    outcomes = await post(session, [transfers_for(_purchase(one, voucher)) for one, voucher in paid], now=now)
    for (one, voucher), outcome in zip(paid, outcomes, strict=True):
        posted = unless_refused(outcome)  # each is covered by its hold; `open_vouchers_are_held` looks after that
        voucher.closed_at, voucher.redemption_id = now, posted[-1].transfer_id
        bought = Redemption(
            community_code=voucher.community_code,
            redemption_id=voucher.redemption_id,
            merchant_id=one.merchant_id,
            resident_id=voucher.resident_id,
            payer_community=voucher.community_code,
            price=voucher.points,
            paid=voucher.points,
            discount_bp=0,
            quote_id=voucher.voucher_id,
            captured_at=one.presented_at,  # the book's period may be sealed since; this tells when it was
        )
        session.add(bought)
        await publish(session, _told(bought))
    await session.flush()


def _told(bought: Redemption) -> RedemptionCaptured:
    return RedemptionCaptured(
        community_code=bought.community_code,
        redemption_id=bought.redemption_id,
        merchant_id=bought.merchant_id,
        points=bought.price,
        payer_community_code=bought.payer_community,
        paid_points=bought.paid,
        captured_at=bought.captured_at,
    )


def _purchase(one: Presentation, voucher: Voucher) -> Purchase:
    return Purchase(
        reference=reference_of(voucher.voucher_id),
        resident_id=voucher.resident_id,
        payer_community=voucher.community_code,
        merchant_id=one.merchant_id,
        merchant_community=voucher.community_code,
        price=voucher.points,
        paid=voucher.points,
        rate_bp=BASIS,
        discount_bp=0,
        hold=reference_of(voucher.voucher_id),
    )
