"""Bid 投标."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.providers.admit_award import admit_award
from services.operations.tenders.queries import ballots, gate, hold
from services.operations.tenders.rules import AlreadyDone, WrongPhase, check_phase
from services.operations.tenders.tables import Tender, TenderBid


@dataclass(frozen=True, slots=True)
class Bid:
    """What a provider asks for, in fen, and what it proposes."""

    provider_id: uuid.UUID
    price_fen: int
    proposal: str
    by: str
    now: datetime


async def bid(session: AsyncSession, tender: Tender, command: Bid) -> None:
    """Take in a bid before the deadline, of a provider that may be given the work.

    Raises:
        WrongPhase: The deadline is past, or scores are sealed.
        Conflict: The provider may not be given the work (see `admit_award`).
        AlreadyDone: It has bid.
    """
    check_phase("投标 bidding", tender.bids_until, command.now, bidding=True)
    await hold(session, tender)
    if any(ballot.commitment for ballot in await ballots(session, tender)):  # it set out in time, and came too late
        raise WrongPhase(asked="投标 bidding", bids_until=tender.bids_until.isoformat())
    await admit_award(session, gate(tender, command.provider_id, command.now))
    taken = await session.scalar(
        insert(TenderBid)
        .values(
            community_code=tender.community_code,
            tender_id=tender.id,
            provider_id=command.provider_id,
            price_fen=command.price_fen,
            proposal=command.proposal,
            submitted_at=command.now,
            submitted_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(TenderBid.provider_id)
    )
    if taken is None:
        raise AlreadyDone(what="投标 bid")
