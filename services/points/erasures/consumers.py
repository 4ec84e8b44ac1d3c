"""Erasure, as the gateway asks for it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.points.erasures.erase import Erase, erase
from shared.erasure import ErasureDue
from shared.events.points import ResidentErased
from shared.outbox import publish


async def erase_asked(session: AsyncSession, row: ErasureDue, now: datetime) -> bool:
    """Erase whom a request names: the book keeps its pseudonym, and what is held ends by itself."""
    await erase(session, Erase(row.resident_id, row.community_code, by=row.asked_by, now=now))
    return True


async def tell_erased(session: AsyncSession, row: ErasureDue) -> None:
    """Answer the request."""
    await publish(session, ResidentErased(community_code=row.community_code, request_id=row.request_id))
