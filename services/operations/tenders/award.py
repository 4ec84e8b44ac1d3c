"""Award 定标."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.providers.admit_award import admit_award
from services.operations.tenders.queries import award_of, ballots, bids, gate, hold
from services.operations.tenders.rules import AlreadyDone, WrongPhase, ranked
from services.operations.tenders.tables import Tender, TenderAward


async def award(session: AsyncSession, tender: Tender, by: str, now: datetime) -> TenderAward:
    """Award the tender to the bid with the most points, if its provider may still be given the work.

    Raises:
        WrongPhase: Not all sealed scores are open, or nobody has bid.
        AlreadyDone: It is awarded.
        Conflict: The winner may not be given the work (see `admit_award`).
    """
    await hold(session, tender)
    if await award_of(session, tender):
        raise AlreadyDone(what="定标 award")
    sealed = [ballot for ballot in await ballots(session, tender) if ballot.commitment]
    scores = [ballot.scores for ballot in sealed if ballot.scores is not None]
    prices = {one.provider_id: one.price_fen for one in await bids(session, tender)}
    if not prices or not scores or len(scores) < len(sealed):
        raise WrongPhase(asked="定标 awarding", bids_until=tender.bids_until.isoformat())
    best = ranked(prices, scores, tender.criteria)[0]
    await admit_award(session, gate(tender, best.provider_id, now))
    row = TenderAward(
        community_code=tender.community_code,
        tender_id=tender.id,
        provider_id=best.provider_id,
        points=best.points,
        awarded_at=now,
        awarded_by=by,
    )
    session.add(row)
    await session.flush()
    return row
