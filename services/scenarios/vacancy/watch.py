"""Watch a community's spaces: open an iteration case where use has become low."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.spaces.tables import Space
from services.scenarios.vacancy.queries import measure_all
from services.scenarios.vacancy.rules import WINDOW_DAYS, Use, is_low
from services.scenarios.vacancy.tables import IterationCase, UseProfile


async def watch(session: AsyncSession, community_code: str, now: datetime) -> Sequence[IterationCase]:
    """Look at the last WINDOW_DAYS days of each space that is let and has been there for as long.

    A case opens when use becomes low, and not again until it has recovered and become low once more.
    """
    start = now - timedelta(days=WINDOW_DAYS)
    measure = await measure_all(session, community_code, (start, now))
    spaces = await session.execute(
        select(Space, UseProfile)
        .join(UseProfile, (UseProfile.community_code == Space.community_code) & (UseProfile.space_id == Space.id))
        .where(Space.community_code == community_code, Space.published_at <= start, Space.retired_at.is_(None))
        .with_for_update(of=UseProfile)
    )
    opened = []
    for space, profile in spaces:
        use = measure(profile)
        was_low = profile.low_since is not None
        if is_low(use, was_low=was_low) == was_low:
            continue
        profile.low_since = None if was_low else now
        if not was_low and (case := await _open(session, space, use, now)):
            opened.append(case)
    return opened


async def _open(session: AsyncSession, space: Space, use: Use, now: datetime) -> IterationCase | None:
    case: IterationCase | None = await session.scalar(
        insert(IterationCase)
        .values(community_code=space.community_code, space_id=space.id, opened_at=now, baseline=use.record())
        .on_conflict_do_nothing()  # an earlier case of the space is still open, and goes on
        .returning(IterationCase)
    )
    return case
