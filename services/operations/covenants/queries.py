"""Reads of the lists and of covenants."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.covenants.rules import (
    DISTRICT_DIGITS,
    CovenantUnseen,
    EntryUnseen,
    Kind,
    left_of,
    rank,
    why_not,
)
from services.operations.covenants.tables import Covenant, CovenantSignature, ListEntry

MATCHES_MAX = 20


async def entry(session: AsyncSession, community_code: str, entry_id: uuid.UUID, *, hold: bool = False) -> ListEntry:
    """Return an entry; held, nobody else promises of it meanwhile.

    Raises:
        EntryUnseen: There is none.
    """
    lock = {"key_share": True} if hold else None
    found = await session.get(ListEntry, (community_code, entry_id), with_for_update=lock, populate_existing=True)
    if found is None:
        raise EntryUnseen(entry_id=str(entry_id))
    return found


async def entries(
    session: AsyncSession, area: str, kind: Kind, after: uuid.UUID | None, most: int
) -> Sequence[ListEntry]:
    """Return a list of an area, in the order of entry."""
    rows = select(ListEntry).where(
        ListEntry.kind == kind, ListEntry.community_code.between(area.ljust(12, "0"), area.ljust(12, "9"))
    )
    if after:
        rows = rows.where(ListEntry.id > after)
    return (await session.scalars(rows.order_by(ListEntry.id).limit(most))).all()


async def matches(session: AsyncSession, need: ListEntry) -> list[ListEntry]:
    """Return the resources of the need's district that fit it, the best first."""
    district = need.community_code[:DISTRICT_DIGITS]
    rows = await session.scalars(
        select(ListEntry).where(
            ListEntry.kind == "resource",
            ListEntry.category == need.category,
            ListEntry.community_code.between(district.ljust(12, "0"), district.ljust(12, "9")),
        )
    )
    fitting = [one for one in rows if left_of(one) and why_not(need, one) is None]
    return sorted(fitting, key=lambda one: (rank(need, one), one.id))[:MATCHES_MAX]


async def covenant(
    session: AsyncSession, community_code: str, covenant_id: uuid.UUID, *, hold: bool = False
) -> Covenant:
    """Return a covenant; held, nobody else signs or withdraws it meanwhile.

    Raises:
        CovenantUnseen: There is none.
    """
    lock = {"key_share": True} if hold else None
    found = await session.get(Covenant, (community_code, covenant_id), with_for_update=lock, populate_existing=True)
    if found is None:
        raise CovenantUnseen(covenant_id=str(covenant_id))
    return found


async def signatures(session: AsyncSession, of: Covenant) -> list[tuple[str, str]]:
    """Return who has signed for which side."""
    rows = await session.execute(
        select(CovenantSignature.side, CovenantSignature.signed_by)
        .where(CovenantSignature.community_code == of.community_code, CovenantSignature.covenant_id == of.id)
        .order_by(CovenantSignature.side)
    )
    return [(side, by) for side, by in rows]
