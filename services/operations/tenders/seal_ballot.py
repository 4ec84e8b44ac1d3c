"""Declare interests 利益申报, seal scores 密封评分, and open them 开封."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.tenders.queries import ballots, bids, hold
from services.operations.tenders.rules import (
    EVALUATORS_MIN,
    AlreadyDone,
    BallotInvalid,
    ConflictOfInterest,
    Scores,
    WrongPhase,
    check_interest,
    check_phase,
    check_scores,
    commitment_of,
)
from services.operations.tenders.tables import Tender, TenderBallot


async def declare_ballot(
    session: AsyncSession, tender: Tender, evaluator: str, interests: Sequence[str], now: datetime
) -> None:
    """Take in which providers an evaluator has an interest in; none is a declaration too.

    Raises:
        AlreadyDone: It has declared.
        ConflictOfInterest: Who opened the tender does not score it.
    """
    if evaluator == tender.opened_by:
        raise ConflictOfInterest(bidders="—")
    declared = await session.scalar(
        insert(TenderBallot)
        .values(
            community_code=tender.community_code,
            tender_id=tender.id,
            evaluator=evaluator,
            interests=list(interests),
            declared_at=now,
        )
        .on_conflict_do_nothing()
        .returning(TenderBallot.evaluator)
    )
    if declared is None:
        raise AlreadyDone(what="利益申报 declaration")


async def seal_ballot(session: AsyncSession, tender: Tender, evaluator: str, commitment: str, now: datetime) -> None:
    """Take in an evaluator's sealed scores, after the deadline and before any are opened.

    Raises:
        WrongPhase: It is too early, or scores are being opened.
        ConflictOfInterest: The evaluator has declared nothing, or an interest in a bidder.
        AlreadyDone: It has sealed.
    """
    check_phase("评分 scoring", tender.bids_until, now, bidding=False)
    await hold(session, tender)
    all_of_them = await ballots(session, tender)
    mine = next((ballot for ballot in all_of_them if ballot.evaluator == evaluator), None)
    bidders = [one.provider_id for one in await bids(session, tender)]
    check_interest(mine.interests if mine else None, bidders)
    if any(ballot.scores is not None for ballot in all_of_them):
        raise WrongPhase(asked="评分 scoring", bids_until=tender.bids_until.isoformat())
    if mine is None or mine.commitment:
        raise AlreadyDone(what="密封评分 sealed scores")
    mine.commitment, mine.sealed_at = commitment, now
    await session.flush()


async def open_ballot(
    session: AsyncSession, tender: Tender, evaluator: str, opened: tuple[Scores, str], now: datetime
) -> None:
    """Take in an evaluator's scores and nonce, when at least three have sealed theirs and nobody is missing.

    Who declares when the first are open cannot seal any more, and is not waited for.

    Raises:
        WrongPhase: Somebody who may score has not sealed, or too few have.
        BallotInvalid: They are not what was sealed, or do not score each bid.
        AlreadyDone: They are open.
    """
    await hold(session, tender)
    bidders = [one.provider_id for one in await bids(session, tender)]
    free = [one for one in await ballots(session, tender) if not {str(b) for b in bidders} & set(one.interests)]
    sealed = [ballot for ballot in free if ballot.commitment]
    begun = any(ballot.scores is not None for ballot in sealed)
    if len(sealed) < EVALUATORS_MIN or (len(sealed) < len(free) and not begun):
        raise WrongPhase(asked="开封 opening", bids_until=tender.bids_until.isoformat())
    mine = next((ballot for ballot in sealed if ballot.evaluator == evaluator), None)
    scores, nonce = opened
    if mine is None or commitment_of(tender.id, evaluator, scores, nonce) != mine.commitment:
        raise BallotInvalid
    check_scores(scores, bidders, tender.criteria)
    if mine.scores is not None:
        raise AlreadyDone(what="开封 opening")
    mine.scores, mine.opened_at = {provider: dict(one) for provider, one in scores.items()}, now
    await session.flush()
