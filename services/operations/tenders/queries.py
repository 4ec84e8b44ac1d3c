"""Reads of tenders."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.providers.admit_award import Award
from services.operations.providers.rules import LicenceKind
from services.operations.tenders.rules import TenderUnseen
from services.operations.tenders.tables import Tender, TenderAward, TenderBallot, TenderBid


async def get(session: AsyncSession, tender_id: uuid.UUID) -> Tender:
    """Return a tender.

    Raises:
        TenderUnseen: There is none.
    """
    tender = await session.scalar(select(Tender).where(Tender.id == tender_id))
    if tender is None:
        raise TenderUnseen(tender_id=str(tender_id))
    return tender


async def hold(session: AsyncSession, tender: Tender) -> None:
    """Have others who change a tender of this community wait until the transaction ends."""
    of = {"community_code": tender.community_code}
    await session.execute(text("SELECT FROM community WHERE community_code = :community_code FOR UPDATE"), of)


async def bids(session: AsyncSession, tender: Tender) -> Sequence[TenderBid]:
    """Return a tender's bids."""
    rows = select(TenderBid).where(TenderBid.community_code == tender.community_code, TenderBid.tender_id == tender.id)
    return (await session.scalars(rows.order_by(TenderBid.provider_id))).all()


async def ballots(session: AsyncSession, tender: Tender) -> Sequence[TenderBallot]:
    """Return a tender's evaluators and what they have handed in."""
    rows = select(TenderBallot).where(
        TenderBallot.community_code == tender.community_code, TenderBallot.tender_id == tender.id
    )
    return (await session.scalars(rows.order_by(TenderBallot.evaluator))).all()


async def award_of(session: AsyncSession, tender: Tender) -> TenderAward | None:
    """Return who won, if it is decided."""
    return await session.get(TenderAward, (tender.community_code, tender.id))


def gate(tender: Tender, provider_id: uuid.UUID, now: datetime) -> Award:
    """Return what a bidder is asked to be admitted to."""
    return Award(
        provider_ids=(provider_id,),
        community_code=tender.community_code,
        now=now,
        scene=tender.scene,
        licences=cast("list[LicenceKind]", tender.licences),
    )
