"""Freeze an account by hand: an official has seen what no detector has."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.fraud.rules import AlreadyFrozen
from services.points.fraud.tables import Freeze


async def freeze_account(session: AsyncSession, who: str, area: str, reason: str, by: str, *, now: datetime) -> Freeze:
    """Freeze whatever somebody holds.

    Raises:
        AlreadyFrozen: The same official has, and nobody has lifted that.
    """
    row = insert(Freeze).values(who=who, area=area, detector=f"manual:{by}", reason=reason, frozen_by=by, frozen_at=now)
    freeze: Freeze | None = await session.scalar(row.on_conflict_do_nothing().returning(Freeze))
    if freeze is None:
        raise AlreadyFrozen(who=who)
    return freeze
