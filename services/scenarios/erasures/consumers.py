"""The answer to an erasure that the gateway asked for."""

from sqlalchemy.ext.asyncio import AsyncSession

from shared.erasure import ErasureDue
from shared.events.scenarios import ResidentErased
from shared.outbox import publish


async def tell_erased(session: AsyncSession, row: ErasureDue) -> None:
    """Answer the request."""
    await publish(session, ResidentErased(community_code=row.community_code, request_id=row.request_id))
