"""Decide a dispute: what is frozen is free again, or what was disputed is taken back, by whoever's role may."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.disputes.queries import legs_of
from services.points.disputes.rules import (
    DISMISSES,
    REVERSES,
    DisputeDecided,
    Leg,
    OwnDispute,
    concerned,
    gained,
    take_back,
)
from services.points.disputes.tables import Dispute
from services.points.ledger.post import post
from services.points.ledger.rules import AccountKind, AssetClass, MoreThanPosted, PostTransfer, TransferKind, release_of
from services.points.payments.refund_payment import refund_payment
from services.points.payments.rules import MoreThanPaid, PaymentClosed
from services.points.payments.tables import Payment
from services.points.redemptions.tables import Redemption
from shared.errors import OutOfScope, unless_refused
from shared.events.points import RedemptionRefunded
from shared.identity import Identity
from shared.outbox import publish

REFUSALS = (OutOfScope, DisputeDecided, OwnDispute, PaymentClosed, MoreThanPaid, MoreThanPosted)
"""What `decide_dispute` may refuse with."""


@dataclass(frozen=True, slots=True)
class DecideDispute:
    """Whether what was disputed is taken back, why, and by whom it is decided."""

    take_back: bool
    remark: str
    by: Identity


async def decide_dispute(session: AsyncSession, dispute: Dispute, command: DecideDispute, *, now: datetime) -> None:
    """Decide a dispute, whose row is locked.

    What is taken back of a grant or a share is what was frozen: what was spent before anybody disputed it stays spent.
    A purchase is given back as a refund is, into the lots that it came out of.

    Raises:
        OutOfScope: The caller's role may not decide so on this.
        DisputeDecided: It was decided before.
        OwnDispute: The caller opened it, or it concerns the caller.
        PaymentClosed: A payment is not in a state in which it can be given back, or MoreThanPosted: it was meanwhile.
    """
    kind = TransferKind(dispute.kind)
    command.by.require(dispute.community_code, *(REVERSES[kind] if command.take_back else DISMISSES))
    if dispute.decided_at:
        raise DisputeDecided(dispute_id=dispute.dispute_id)
    bought = await session.get(Redemption, (dispute.community_code, dispute.transfer_id))
    codes = {dispute.community_code, bought.payer_community if bought else dispute.community_code}
    legs = await legs_of(session, codes, kind, dispute.reference)
    if command.by.subject in concerned(legs) | {dispute.opened_by}:
        raise OwnDispute
    dispute.decided_by, dispute.decided_at, dispute.remark = command.by.subject, now, command.remark
    dispute.reversed = 0
    if command.take_back and bought:
        dispute.reversed = await _give_back(session, dispute, bought, legs, now)
    else:
        dispute.reversed = await _settle(session, dispute, legs, now, take=command.take_back)
    await session.flush()


async def _settle(session: AsyncSession, dispute: Dispute, legs: list[Leg], now: datetime, *, take: bool) -> int:
    """Let go of what is frozen, and take it back in the same posting if it is to be."""
    leg, asset_class = gained(legs), AssetClass(dispute.asset_class)
    posting: list[PostTransfer] = []
    if leg and dispute.frozen:
        wallet = leg.community_code, asset_class, leg.account
        posting.append(release_of(wallet, f"dispute:{dispute.dispute_id}"))
    points = leg.still if leg and asset_class is AssetClass.BASIC else dispute.frozen
    if take and points:
        posting += _reversals(dispute, legs, points)
    [outcome] = await post(session, [posting], now=now) if posting else [[]]
    unless_refused(outcome)
    return points if take else 0


async def _give_back(
    session: AsyncSession, dispute: Dispute, bought: Redemption, legs: list[Leg], now: datetime
) -> int:
    """Give back what still stands of a purchase; one at a till also says so itself."""
    names = Payment.community_code == dispute.community_code, Payment.redemption_id == bought.redemption_id
    payment = await session.scalar(select(Payment).where(*names).with_for_update(key_share=True))
    points = sum(leg.still for leg in legs if leg.account.kind is AccountKind.MERCHANT)
    if not points:
        return 0
    if payment:
        await refund_payment(session, payment, points, now=now)
        return points
    [outcome] = await post(session, [_reversals(dispute, legs)], now=now)
    unless_refused(outcome)
    event = RedemptionRefunded(
        community_code=dispute.community_code,
        redemption_id=bought.redemption_id,
        merchant_id=bought.merchant_id,
        points=points,
        refunded_points=bought.price,
        payer_community_code=bought.payer_community,
        refunded_at=now,
    )
    await publish(session, event)
    return points


def _reversals(dispute: Dispute, legs: list[Leg], points: int | None = None) -> list[PostTransfer]:
    reference, of = f"dispute:{dispute.dispute_id}", (TransferKind(dispute.kind), dispute.reference)
    asset_class, kind = AssetClass(dispute.asset_class), TransferKind.REVERSE
    return [
        PostTransfer(code, asset_class, kind, reference, amounts, reverses=of)
        for code, amounts in take_back(legs, points).items()
    ]
