"""Freeze an account by hand: an official has seen what no detector has."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.fraud.tables import Freeze


async def freeze_account(session: AsyncSession, who: str, area: str, reason: str, by: str, *, now: datetime) -> Freeze:
    """Freeze whatever somebody holds."""
    freeze = Freeze(who=who, area=area, detector=f"manual:{by}", reason=reason, frozen_by=by, frozen_at=now)
    session.add(freeze)
    await session.flush()
    return freeze
