"""Reads about the waitlist."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.tables import Activity
from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.waitlist.rules import EntryUnseen
from services.scenarios.waitlist.tables import STANDING, WaitlistEntry
from shared.assistance import subject_of
from shared.identity import Identity

DUE_MAX = 100


async def find_entry(session: AsyncSession, entry_id: uuid.UUID, who: Identity) -> WaitlistEntry:
    """Return an entry that the caller may see.

    Raises:
        EntryUnseen: There is none, or it is another resident's and the caller no staff of the community.
    """
    entry = await session.scalar(select(WaitlistEntry).where(WaitlistEntry.id == entry_id))
    if entry is None or not (
        who.subject == subject_of(entry.resident_id) or who.holds(entry.community_code, *STAFF_ROLES)
    ):
        raise EntryUnseen(entry_id=str(entry_id))
    return entry


async def count_ahead(session: AsyncSession, entry: WaitlistEntry) -> int:
    """Return how many parties stand before an entry in the queue."""
    earlier = (WaitlistEntry.priority == entry.priority) & (WaitlistEntry.place < entry.place)
    ahead = await session.scalar(
        select(func.count())
        .select_from(WaitlistEntry)
        .where(
            WaitlistEntry.community_code == entry.community_code,
            WaitlistEntry.activity_id == entry.activity_id,
            STANDING,
            or_(WaitlistEntry.priority < entry.priority, earlier),
        )
    )
    return ahead or 0


async def find_due(session: AsyncSession, now: datetime) -> Sequence[tuple[str, uuid.UUID]]:
    """Return activities that have offers which lapsed."""
    rows = await session.execute(
        select(Activity.community_code, Activity.id)
        .join(
            WaitlistEntry,
            (WaitlistEntry.community_code == Activity.community_code) & (WaitlistEntry.activity_id == Activity.id),
        )
        .where(WaitlistEntry.state == "offered", WaitlistEntry.offered_until <= now)
        .distinct()
        .limit(DUE_MAX)
    )
    return [(code, activity_id) for code, activity_id in rows]
