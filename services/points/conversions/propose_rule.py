"""Propose the next version of a community's conversion rule."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.queries import require_communities
from services.points.conversions.rules import Rule
from services.points.conversions.tables import ConversionRule


@dataclass(frozen=True, slots=True)
class ProposeRule:
    """Who proposes which rule for which community."""

    community_code: str
    rule: Rule
    by: str
    now: datetime


async def propose_rule(session: AsyncSession, command: ProposeRule) -> ConversionRule:
    """Propose a rule; the one in force stays so until somebody else agrees.

    Raises:
        CommunityUnknown: The community does not take part.
    """
    await require_communities(session, command.community_code)
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"conversion rule {command.community_code}"},
    )
    latest = await session.scalar(
        select(func.max(ConversionRule.version)).where(ConversionRule.community_code == command.community_code)
    )
    rule = ConversionRule(
        community_code=command.community_code,
        version=(latest or 0) + 1,
        **asdict(command.rule),
        proposed_by=command.by,
        proposed_at=command.now,
    )
    session.add(rule)
    await session.flush()
    return rule
