"""Reads of corridors."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.clearing.queries import owed_by
from services.points.exchange.rules import NoCorridor, discount_at, terms_of
from services.points.exchange.tables import Corridor


@dataclass(frozen=True, slots=True)
class Rate:
    """At what points of one community are taken in another now: the corridor in force, and where its discount stands.

    `owed` is what the payer's community owes the other, net, in points; `discount_bp` follows from it.
    """

    version: int
    rate_bp: int
    discount_bp: int
    owed: int


async def rate_now(session: AsyncSession, from_community: str, to_community: str, *, now: datetime) -> Rate:
    """Return the rate of the corridor in force: of what is agreed, that which took effect last.

    Raises:
        NoCorridor: None is in force.
    """
    effective_from = func.coalesce(Corridor.effective_from, Corridor.agreed_at)
    corridor = await session.scalar(
        select(Corridor)
        .where(
            Corridor.community_code == from_community,
            Corridor.to_community == to_community,
            Corridor.agreed_at.is_not(None),
            effective_from <= now,
        )
        .order_by(effective_from.desc(), Corridor.version.desc())
        .limit(1)
    )
    if corridor is None:
        raise NoCorridor(from_community=from_community, to_community=to_community)
    terms = terms_of(corridor.rate_bp, corridor.discount_bp, corridor.floor_bp, corridor.ceiling_bp, corridor.full_at)
    owed = (await owed_by(session, from_community)).get(to_community, 0)
    return Rate(corridor.version, terms.rate_bp, discount_at(terms, owed), owed)
