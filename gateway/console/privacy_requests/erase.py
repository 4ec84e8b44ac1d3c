"""Erase a resident in the gateway, last of all."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.privacy_requests.rules import is_erased_everywhere
from gateway.console.privacy_requests.tables import PrivacyRequest
from shared.erasure import ErasureDue, forget


async def erase(session: AsyncSession, row: ErasureDue, _: datetime) -> bool:
    """Forget a resident once all services have: until then it can see how far its request is.

    Returns:
        Whether it was done.
    """
    request = await session.get_one(PrivacyRequest, row.request_id)
    if not is_erased_everywhere(request.erased_in):
        return False
    await forget(session, row)
    return True


async def note_done(session: AsyncSession, row: ErasureDue) -> None:
    """Note that a request is done."""
    request = await session.get_one(PrivacyRequest, row.request_id, populate_existing=True)
    request.done_at = row.erased_at
