"""Takes in what services answer."""

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.privacy_requests.tables import PrivacyRequest
from shared.events import operations, points, scenarios

Answer = points.ResidentErased | scenarios.ResidentErased | operations.ResidentErased


async def note_answer(session: AsyncSession, event: Answer) -> None:
    """Note that a service has erased whom a request is about; an answer to nothing we asked has no effect."""
    row = await session.get(PrivacyRequest, event.request_id, with_for_update=True)
    if row is not None:
        row.erased_in = sorted({*row.erased_in, event.topic()})
