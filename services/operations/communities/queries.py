"""Reads of communities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityUnseen
from services.operations.communities.tables import Community, CommunityReference


@dataclass(frozen=True, slots=True)
class Found:
    """A community, and since when it takes part."""

    reference: CommunityReference
    registered_at: datetime | None


_ALL = select(CommunityReference, Community.registered_at).outerjoin(
    Community, Community.community_code == CommunityReference.code
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
    return [Found(reference, registered_at) for reference, registered_at in found]


async def get(session: AsyncSession, code: str) -> Found:
    """Return one community, whether it takes part or not.

    Raises:
        CommunityUnseen: The reference list does not have the code.
    """
    found = (await session.execute(_ALL.where(CommunityReference.code == code))).one_or_none()
    if found is None:
        raise CommunityUnseen(code=code)
    reference, registered_at = found
    return Found(reference, registered_at)
