"""Withdraw a covenant that is not in force yet: what it promised is open again."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.covenants import queries
from services.operations.covenants.rules import SignatureRefused


async def withdraw(session: AsyncSession, community_code: str, covenant_id: uuid.UUID) -> None:
    """Withdraw a covenant.

    Raises:
        CovenantUnseen: There is none.
        SignatureRefused: It is in force, or withdrawn.
    """
    covenant = await queries.covenant(session, community_code, covenant_id, hold=True)
    if covenant.state != "proposed":
        raise SignatureRefused(state=covenant.state)
    keys = sorted([(community_code, covenant.need_id), (covenant.resource_community_code, covenant.resource_id)])
    for key in keys:
        entry = await queries.entry(session, *key, hold=True)
        entry.promised -= covenant.quantity
    covenant.state = "withdrawn"
    await session.flush()
