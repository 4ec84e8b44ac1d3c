"""Finish a crossing by what the merchant's cell has decided: capture what it accepted, release what it refused."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.crossings.queries import last_request, note_discord
from services.points.crossings.rules import State, Terms, capture_of, forgotten_here
from services.points.crossings.tables import Crossing
from services.points.ledger.post import post
from services.points.ledger.rules import AssetClass, PostTransfer, release_of, resident
from shared.errors import unless_refused
from shared.events.points import CrossingDecided


async def finish_crossing(session: AsyncSession, told: CrossingDecided, *, now: datetime) -> None:
    """Carry out a decision; one that was carried out has no effect, and one that contradicts it is noted."""
    here, there = told.from_community, told.community_code
    crossing = await session.get(Crossing, (here, told.crossing_id), with_for_update=True, populate_existing=True)
    if what := await _discord(session, told, crossing):
        facts = told.model_dump(mode="json", exclude={"community_code", "from_community"})
        await note_discord(session, here, there, what, facts, now=now)
    if crossing is None or crossing.state != State.REQUESTED:
        return
    [outcome] = await post(session, [[_carrying_out(crossing, told)]], now=now)
    unless_refused(outcome)
    crossing.state = State.CAPTURED if told.accepted else State.RELEASED
    crossing.decision_no, crossing.reason = told.decision_no, told.reason
    await session.flush()


def _carrying_out(crossing: Crossing, told: CrossingDecided) -> PostTransfer:
    if told.accepted:
        return capture_of(_terms(crossing))
    payer = (crossing.community_code, AssetClass.SERVICE, resident(crossing.resident_id))
    return release_of(payer, str(crossing.crossing_id))


def _terms(crossing: Crossing) -> Terms:
    return Terms(
        crossing_id=crossing.crossing_id,
        from_community=crossing.community_code,
        to_community=crossing.to_community,
        resident_id=crossing.resident_id,
        merchant_id=crossing.merchant_id,
        price=crossing.price,
        paid=crossing.paid,
        rate_bp=crossing.rate_bp,
        discount_bp=crossing.discount_bp,
    )


async def _discord(session: AsyncSession, told: CrossingDecided, crossing: Crossing | None) -> str | None:
    here, there = told.from_community, told.community_code
    known = await last_request(session, here, there)
    if crossing is None or forgotten_here(seen_by_the_other=told.request_heard, known=known):
        return "requests forgotten here"
    if crossing.state != State.REQUESTED:
        same = (crossing.state == State.CAPTURED, crossing.decision_no) == (told.accepted, told.decision_no)
        return None if same else "decisions forgotten there"
    twice = select(Crossing.crossing_id).where(
        Crossing.community_code == here,
        Crossing.to_community == there,
        Crossing.decision_no == told.decision_no,
    )
    return "decisions forgotten there" if await session.scalar(twice.limit(1)) else None
