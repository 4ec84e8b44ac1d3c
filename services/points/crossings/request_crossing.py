"""Request a crossing: hold what it costs, and ask the merchant's cell."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.crossings.queries import disagree, last_decision_heard, last_request, lock_numbers
from services.points.crossings.rules import (
    ANSWER_WITHIN,
    UNTIL_TOLD,
    CellsDisagree,
    CostsMore,
    SameCell,
    State,
    between_cells,
)
from services.points.crossings.tables import Crossing
from services.points.debit_caps.cover_quote import REFUSALS as COVER_QUOTE
from services.points.debit_caps.cover_quote import cover_quote
from services.points.exchange.queries import rate_now
from services.points.exchange.rules import NoCorridor, price_before_discount
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, NotEnoughPoints, hold_of, resident
from services.points.limits.let_spend import REFUSALS as LET_SPEND
from services.points.limits.let_spend import Spending, let_spend
from shared.errors import unless_refused
from shared.events.points import CrossingRequested
from shared.outbox import publish

REFUSALS = (SameCell, NoCorridor, CostsMore, *LET_SPEND, NotEnoughPoints, *COVER_QUOTE, CellsDisagree)
"""What `request_crossing` may refuse with."""


@dataclass(frozen=True, slots=True)
class RequestCrossing:
    """What a resident wants to buy in another cell, and what it may cost at most, in points of `from_community`."""

    resident_id: uuid.UUID
    from_community: str
    to_community: str
    merchant_id: uuid.UUID
    price: int
    paid_max: int


async def request_crossing(session: AsyncSession, command: RequestCrossing, *, cell: str, now: datetime) -> Crossing:
    """Hold the points at the rate of now, until the merchant's cell has decided.

    Raises:
        SameCell: It does not lead out of this cell.
        NoCorridor: The two communities have no corridor in force.
        CostsMore: The rate has moved above what the resident agreed to.
        Frozen: The resident is suspected, or ScreeningLate: nobody has looked lately.
        CapReached: The resident may spend no more in this period.
        NotEnoughPoints: The resident has fewer points that are free.
        DebitCapReached: The resident's community would owe more than its cap allows.
        CellsDisagree: The two cells' books do not agree.
    """
    between_cells(cell, command.from_community, command.to_community)
    if await disagree(session, command.from_community, command.to_community):
        raise CellsDisagree(from_community=command.from_community, to_community=command.to_community)
    rate = await rate_now(session, command.from_community, command.to_community, now=now)
    paid = price_before_discount(command.price, rate.rate_bp, rate.discount_bp)
    if paid > command.paid_max:
        raise CostsMore(paid=paid, paid_max=command.paid_max)
    await let_spend(session, Spending(command.resident_id, command.from_community, paid), now=now)
    crossing_id = uuid.uuid4()
    payer = (command.from_community, AssetClass.SERVICE, resident(command.resident_id))
    [outcome] = await post(session, [[hold_of(payer, str(crossing_id), paid, UNTIL_TOLD)]], now=now)
    unless_refused(outcome)
    await lock_numbers(session, "requests", command.from_community, command.to_community)
    crossing = Crossing(
        community_code=command.from_community,
        crossing_id=crossing_id,
        resident_id=command.resident_id,
        to_community=command.to_community,
        merchant_id=command.merchant_id,
        price=command.price,
        paid=paid,
        rate_bp=rate.rate_bp,
        discount_bp=rate.discount_bp,
        request_no=await last_request(session, command.from_community, command.to_community) + 1,
        requested_at=now,
        deadline=now + ANSWER_WITHIN,
        asked_at=now,
        state=State.REQUESTED,
    )
    session.add(crossing)
    await session.flush()
    await cover_quote(session, command.from_community, command.to_community, command.price, now=now)
    await ask_crossing(session, crossing)
    return crossing


async def ask_crossing(session: AsyncSession, crossing: Crossing) -> None:
    """Ask the merchant's cell to decide, or to say again what it has decided."""
    asked = CrossingRequested(
        community_code=crossing.community_code,
        crossing_id=crossing.crossing_id,
        to_community=crossing.to_community,
        resident_id=crossing.resident_id,
        merchant_id=crossing.merchant_id,
        points=crossing.price,
        paid_points=crossing.paid,
        rate_bp=crossing.rate_bp,
        discount_bp=crossing.discount_bp,
        request_no=crossing.request_no,
        decision_heard=await last_decision_heard(session, crossing.community_code, crossing.to_community),
        deadline=crossing.deadline,
    )
    await publish(session, asked)
