"""Erasure, as the gateway asks for it: nothing here is personal but an id."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from shared.erasure import ErasureDue, forget
from shared.events.operations import ResidentErased
from shared.outbox import publish


async def erase_asked(session: AsyncSession, row: ErasureDue, _: datetime) -> bool:
    """Erase whom a request names; there is nothing to wait for."""
    await forget(session, row)
    return True


async def tell_erased(session: AsyncSession, row: ErasureDue) -> None:
    """Answer the request."""
    await publish(session, ResidentErased(community_code=row.community_code, request_id=row.request_id))
