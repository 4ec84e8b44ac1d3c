"""Decide on a crossing that came from another cell: once and for all, and say it as often as it is asked."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.crossings.queries import disagree, last_decision, last_request_heard, lock_numbers, note_discord
from services.points.crossings.rules import Reason, Terms, arrival_of, forgotten_here, reason_against
from services.points.crossings.tables import Arrival
from services.points.exchange.queries import rate_now
from services.points.exchange.rules import NoCorridor
from services.points.fraud.queries import require_unfrozen
from services.points.fraud.rules import Frozen, ScreeningLate
from services.points.ledger.post import post
from services.points.ledger.rules import merchant
from services.points.merchants.queries import community_of_active_merchant
from services.points.merchants.rules import MerchantDebarred, MerchantUnknown
from services.points.redemptions.tables import Redemption
from shared.errors import unless_refused
from shared.events.points import CrossingDecided, CrossingRequested, RedemptionCaptured
from shared.outbox import publish


async def decide_crossing(session: AsyncSession, asked: CrossingRequested, *, now: datetime) -> None:
    """Accept a purchase, and pay the merchant; or refuse it, and never accept it after.

    While the two books are known not to agree nothing is decided: the other cell holds, and will ask again.
    """
    here, there = asked.to_community, asked.community_code
    await lock_numbers(session, "decisions", here, there)
    arrival = await session.get(Arrival, (here, asked.crossing_id))
    known = await last_decision(session, here, there)
    if forgotten_here(seen_by_the_other=asked.decision_heard, known=known):
        await note_discord(session, here, there, "decisions forgotten here", _facts(asked, known), now=now)
    if arrival is None and await _numbered_twice(session, asked):
        await note_discord(session, here, there, "requests forgotten there", _facts(asked, known), now=now)
    if arrival is None:
        if await disagree(session, here, there):
            return
        arrival = await _decide(session, asked, known + 1, now)
    await publish(session, await _told(session, arrival))


async def _decide(session: AsyncSession, asked: CrossingRequested, decision_no: int, now: datetime) -> Arrival:
    reason = await _reason(session, asked, now)
    arrival = Arrival(
        community_code=asked.to_community,
        crossing_id=asked.crossing_id,
        from_community=asked.community_code,
        merchant_id=asked.merchant_id,
        price=asked.points,
        request_no=asked.request_no,
        decision_no=decision_no,
        accepted=reason is None,
        reason=reason,
        decided_at=now,
    )
    session.add(arrival)
    if reason is None:
        await _pay(session, asked, now)
    await session.flush()
    return arrival


async def _pay(session: AsyncSession, asked: CrossingRequested, now: datetime) -> None:
    [outcome] = await post(session, [[arrival_of(_terms(asked))]], now=now)
    [posted] = unless_refused(outcome)
    redemption = Redemption(
        community_code=asked.to_community,
        redemption_id=posted.transfer_id,
        merchant_id=asked.merchant_id,
        resident_id=asked.resident_id,
        payer_community=asked.community_code,
        price=asked.points,
        paid=asked.paid_points,
        discount_bp=asked.discount_bp,
        quote_id=asked.crossing_id,
        captured_at=now,
    )
    session.add(redemption)
    told = RedemptionCaptured(
        community_code=asked.to_community,
        redemption_id=redemption.redemption_id,
        merchant_id=asked.merchant_id,
        points=asked.points,
        payer_community_code=asked.community_code,
        paid_points=asked.paid_points,
        captured_at=now,
    )
    await publish(session, told)


async def _reason(session: AsyncSession, asked: CrossingRequested, now: datetime) -> Reason | None:
    try:
        active = await community_of_active_merchant(session, asked.merchant_id, now) == asked.to_community
        await require_unfrozen(session, merchant(asked.merchant_id).owner, now=now)
    except (MerchantUnknown, MerchantDebarred, Frozen, ScreeningLate):
        active = False
    try:
        agreed = bool(await rate_now(session, asked.community_code, asked.to_community, now=now))
    except NoCorridor:
        agreed = False
    return reason_against(merchant_active=active, agreed=agreed, deadline=asked.deadline, now=now)


async def _numbered_twice(session: AsyncSession, asked: CrossingRequested) -> bool:
    same = select(Arrival.crossing_id).where(
        Arrival.community_code == asked.to_community,
        Arrival.from_community == asked.community_code,
        Arrival.request_no == asked.request_no,
    )
    return await session.scalar(same.limit(1)) is not None


async def _told(session: AsyncSession, arrival: Arrival) -> CrossingDecided:
    return CrossingDecided(
        community_code=arrival.community_code,
        crossing_id=arrival.crossing_id,
        from_community=arrival.from_community,
        accepted=arrival.accepted,
        reason=arrival.reason,
        decision_no=arrival.decision_no,
        request_heard=await last_request_heard(session, arrival.community_code, arrival.from_community),
    )


def _terms(asked: CrossingRequested) -> Terms:
    return Terms(
        crossing_id=asked.crossing_id,
        from_community=asked.community_code,
        to_community=asked.to_community,
        resident_id=asked.resident_id,
        merchant_id=asked.merchant_id,
        price=asked.points,
        paid=asked.paid_points,
        rate_bp=asked.rate_bp,
        discount_bp=asked.discount_bp,
    )


def _facts(asked: CrossingRequested, known: int) -> dict[str, object]:
    return {
        "crossing_id": str(asked.crossing_id),
        "request_no": asked.request_no,
        "decision_heard": asked.decision_heard,
        "decision_known": known,
    }
