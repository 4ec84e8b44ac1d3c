"""Events that merchants are owed for."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.settlement.record import Owed, record
from shared.events.points import RedemptionCaptured


async def record_redemption(session: AsyncSession, event: RedemptionCaptured) -> None:
    """Record what the merchant is owed for a redemption."""
    await record(
        session,
        Owed(
            community_code=event.community_code,
            redemption_id=event.redemption_id,
            merchant_id=event.merchant_id,
            points=event.points,
            captured_at=event.captured_at,
        ),
    )
