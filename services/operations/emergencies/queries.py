"""Reads of emergencies."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.emergencies.rules import EmergencyUnseen
from services.operations.emergencies.tables import Emergency, EmergencySpend


async def emergency(session: AsyncSession, community_code: str, emergency_id: uuid.UUID) -> Emergency:
    """Return an emergency as it is now.

    Raises:
        EmergencyUnseen: There is none.
    """
    found = await session.get(Emergency, (community_code, emergency_id), populate_existing=True)
    if found is None:
        raise EmergencyUnseen(emergency_id=str(emergency_id))
    return found


async def spend(session: AsyncSession, community_code: str, spend_id: uuid.UUID) -> EmergencySpend:
    """Return an expense as it is now.

    Raises:
        EmergencyUnseen: There is none.
    """
    found = await session.get(EmergencySpend, (community_code, spend_id), populate_existing=True)
    if found is None:
        raise EmergencyUnseen(emergency_id=str(spend_id))
    return found


async def spends(session: AsyncSession, of: Emergency) -> Sequence[EmergencySpend]:
    """Return what was spent in an emergency, in order."""
    rows = select(EmergencySpend).where(
        EmergencySpend.community_code == of.community_code, EmergencySpend.emergency_id == of.id
    )
    return (await session.scalars(rows.order_by(EmergencySpend.spent_at, EmergencySpend.id))).all()
