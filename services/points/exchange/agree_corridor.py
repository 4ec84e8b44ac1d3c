"""Agree on a corridor: one community proposes terms, somebody of the other agrees, and a day later they hold."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.communities.queries import require_communities
from services.points.exchange.rules import (
    CorridorAgreed,
    CorridorUnknown,
    OwnProposal,
    ProposalReplaced,
    SameCommunity,
    Terms,
    takes_effect,
)
from services.points.exchange.tables import Corridor


@dataclass(frozen=True, slots=True)
class ProposeCorridor:
    """On which terms points of one community shall be spent in another, and from when (None: as soon as it may be)."""

    from_community: str
    to_community: str
    terms: Terms
    proposed_by: str
    effective_from: datetime | None = None


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
    moving, latest = command.terms.moving, await _latest(session, command.from_community, command.to_community)
    corridor = Corridor(
        community_code=command.from_community,
        to_community=command.to_community,
        version=latest + 1,
        rate_bp=command.terms.rate_bp,
        discount_bp=command.terms.discount_bp,
        floor_bp=moving and moving.floor_bp,
        ceiling_bp=moving and moving.ceiling_bp,
        full_at=moving and moving.full_at,
        proposed_by=command.proposed_by,
        effective_from=command.effective_from,
    )
    session.add(corridor)
    await session.flush()
    return corridor


async def agree_corridor(session: AsyncSession, command: AgreeCorridor, *, now: datetime) -> Corridor:
    """Agree to the latest proposal, which publishes it.

    Raises:
        CorridorUnknown: There is no such proposal.
        CorridorAgreed: It was agreed on before.
        ProposalReplaced: There is a newer one.
        OwnProposal: The same person proposed it.
        NoticeTooShort: It was to take effect sooner than it may.
    """
    latest = await _latest(session, command.from_community, command.to_community)
    corridor = await session.get(
        Corridor,
        (command.from_community, command.to_community, command.version),
        with_for_update=True,
        populate_existing=True,
    )
    if corridor is None:
        raise CorridorUnknown(
            from_community=command.from_community, to_community=command.to_community, version=command.version
        )
    if corridor.agreed_by:
        raise CorridorAgreed(version=command.version)
    if command.version < latest:
        raise ProposalReplaced(version=command.version, latest=latest)
    if corridor.proposed_by == command.agreed_by:
        raise OwnProposal
    corridor.effective_from = takes_effect(command.version, corridor.effective_from, now)
    corridor.agreed_by, corridor.agreed_at = command.agreed_by, now
    await session.flush()
    return corridor


async def _latest(session: AsyncSession, from_community: str, to_community: str) -> int:
    """Return the latest version of a corridor, 0 if there is none; nobody adds one until this transaction ends."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"corridor {from_community} {to_community}"},
    )
    latest = await session.scalar(
        select(func.max(Corridor.version)).where(
            Corridor.community_code == from_community, Corridor.to_community == to_community
        )
    )
    return latest or 0
