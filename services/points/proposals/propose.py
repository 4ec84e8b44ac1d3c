"""Propose: what takes effect when another person has agreed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.queries import require_communities
from services.points.earning.rules import understood
from services.points.proposals.rules import CapContent, Content, KeyContent, RuleContent, TiersContent, area_of
from services.points.proposals.tables import Proposal


@dataclass(frozen=True, slots=True)
class Propose:
    """What is proposed, and by whom."""

    content: Content
    by: str


async def propose(session: AsyncSession, command: Propose, *, now: datetime) -> Proposal:
    """Put up a proposal.

    Raises:
        CommunityUnknown: It is for a community that does not take part.
        FormulaInvalid: A rule's formula is none.
    """
    content = command.content
    if not isinstance(content, CapContent | TiersContent | KeyContent):
        await require_communities(session, content.community_code)
    if isinstance(content, RuleContent):
        understood(content.formula, content.evidence_required)
    proposal = Proposal(
        area=area_of(content),
        kind=content.kind,
        content=content.model_dump(mode="json"),
        proposed_by=command.by,
        proposed_at=now,
    )
    session.add(proposal)
    await session.flush()
    return proposal
