"""Reads of proposals."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.proposals.rules import ProposalUnknown
from services.points.proposals.tables import Proposal
from shared.identity import Identity

LISTED_MAX = 200


async def get_proposal(session: AsyncSession, proposal_id: uuid.UUID, who: Identity) -> Proposal:
    """Return a proposal to those who may decide in its area.

    Raises:
        ProposalUnknown: There is none that this caller may see.
    """
    proposal = await session.scalar(select(Proposal).where(Proposal.proposal_id == proposal_id))
    if proposal is None or not who.holds(proposal.area, "operator", "official", "auditor"):
        raise ProposalUnknown(proposal_id=proposal_id)
    return proposal


async def proposals_in(session: AsyncSession, area: str, *, undecided: bool) -> Sequence[Proposal]:
    """Return the newest proposals of an area and what lies in it, at most LISTED_MAX."""
    found = select(Proposal).where(Proposal.area.startswith(area)).order_by(Proposal.proposal_id.desc())
    if undecided:
        found = found.where(Proposal.decided_by.is_(None))
    return (await session.scalars(found.limit(LISTED_MAX))).all()
