"""Agree on a corridor: one community proposes a discount, somebody of the other agrees."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.queries import require_communities
from services.points.exchange.rules import CorridorAgreed, CorridorUnknown, OwnProposal, SameCommunity
from services.points.exchange.tables import Corridor


@dataclass(frozen=True, slots=True)
class ProposeCorridor:
    """At which discount points of one community shall be spent in another."""

    from_community: str
    to_community: str
    discount_bp: int
    proposed_by: str


@dataclass(frozen=True, slots=True)
class AgreeCorridor:
    """Which proposal is agreed to, and by whom."""

    from_community: str
    to_community: str
    version: int
    agreed_by: str


async def propose_corridor(session: AsyncSession, command: ProposeCorridor) -> Corridor:
    """Propose the next version of a corridor.

    Raises:
        SameCommunity: Both ends are one community.
        CommunityUnknown: One of them does not take part.
    """
    if command.from_community == command.to_community:
        raise SameCommunity
    await require_communities(session, command.from_community, command.to_community)
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"corridor {command.from_community} {command.to_community}"},
    )
    latest = await session.scalar(
        select(func.max(Corridor.version)).where(
            Corridor.community_code == command.from_community, Corridor.to_community == command.to_community
        )
    )
    corridor = Corridor(
        community_code=command.from_community,
        to_community=command.to_community,
        version=(latest or 0) + 1,
        discount_bp=command.discount_bp,
        proposed_by=command.proposed_by,
    )
    session.add(corridor)
    await session.flush()
    return corridor


async def agree_corridor(session: AsyncSession, command: AgreeCorridor, *, now: datetime) -> Corridor:
    """Put a proposal in force.

    Raises:
        CorridorUnknown: There is no such proposal.
        CorridorAgreed: It is in force already.
        OwnProposal: The same person proposed it.
    """
    corridor = await session.get(
        Corridor, (command.from_community, command.to_community, command.version), with_for_update=True
    )
    if corridor is None:
        raise CorridorUnknown(
            from_community=command.from_community, to_community=command.to_community, version=command.version
        )
    if corridor.agreed_by:
        raise CorridorAgreed(version=command.version)
    if corridor.proposed_by == command.agreed_by:
        raise OwnProposal
    corridor.agreed_by, corridor.agreed_at = command.agreed_by, now
    await session.flush()
    return corridor
