"""Reads of communities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityUnseen, digits_below
from services.operations.communities.tables import Community, CommunityProfile, CommunityReference


@dataclass(frozen=True, slots=True)
class Found:
    """A community, since when it takes part, and what it is like."""

    reference: CommunityReference
    registered_at: datetime | None
    profile: CommunityProfile | None


_NEWEST = (
    select(func.max(CommunityProfile.revision))
    .where(CommunityProfile.community_code == Community.community_code)
    .correlate(Community)
    .scalar_subquery()
)
_LATEST = (CommunityProfile.community_code == Community.community_code) & (CommunityProfile.revision == _NEWEST)
_ALL = (
    select(CommunityReference, Community.registered_at, CommunityProfile)
    .outerjoin(Community, Community.community_code == CommunityReference.code)
    .outerjoin(CommunityProfile, _LATEST)
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which communities are asked for.

    Attributes:
        area: The prefix that they lie in.
        registered: Whether they take part; None for both.
        after: The code after which the page starts.
        most: How many to return at most.
    """

    area: str
    registered: bool | None
    after: str
    most: int


async def find(session: AsyncSession, asked: Filter) -> Sequence[Found]:
    """Return the communities that were asked for, in the order of their codes."""
    # A range of codes and not LIKE, so that the primary key serves whatever the server's collation is.
    rows = _ALL.where(
        CommunityReference.code.between(asked.area.ljust(12, "0"), asked.area.ljust(12, "9")),
        CommunityReference.code > asked.after,
    )
    if asked.registered is not None:
        rows = rows.where(Community.community_code.is_not(None) == asked.registered)
    found = await session.execute(rows.order_by(CommunityReference.code).limit(asked.most))
    return [Found(*row) for row in found]


async def get(session: AsyncSession, code: str) -> Found:
    """Return one community, whether it takes part or not.

    Raises:
        CommunityUnseen: The reference list does not have the code.
    """
    found = (await session.execute(_ALL.where(CommunityReference.code == code))).one_or_none()
    if found is None:
        raise CommunityUnseen(code=code)
    return Found(*found)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an area, and the sums of the communities in it; sizes are of those that have told theirs."""

    code: str
    name: str
    communities: int
    registered: int
    profiled: int
    population: int
    households: int
    area_m2: int


async def parts(session: AsyncSession, prefix: str) -> Sequence[Part]:
    """Return the parts of an area, one level down, in the order of their codes."""
    digits = digits_below(prefix)
    named = {4: CommunityReference.city, 6: CommunityReference.district, 9: CommunityReference.street}
    code = func.left(CommunityReference.code, digits).label("code")
    sizes = (CommunityProfile.population, CommunityProfile.households, CommunityProfile.area_m2)
    rows = await session.execute(
        select(
            code,
            func.min(named.get(digits, CommunityReference.name)),
            func.count(),
            func.count(Community.community_code),
            func.count(CommunityProfile.revision),
            *(func.coalesce(func.sum(size), 0) for size in sizes),
        )
        .select_from(CommunityReference)
        .outerjoin(Community, Community.community_code == CommunityReference.code)
        .outerjoin(CommunityProfile, _LATEST)
        .where(CommunityReference.code.between(prefix.ljust(12, "0"), prefix.ljust(12, "9")))
        .group_by(code)
        .order_by(code)
    )
    return [Part(*row[:5], *map(int, row[5:])) for row in rows]
