"""Events that merchants are owed for, or owe for."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.settlement.record import Owed, record
from shared.events.points import RedemptionCaptured, RedemptionRefunded


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


async def record_refund(session: AsyncSession, event: RedemptionRefunded) -> None:
    """Record what the merchant gave back, under an id of its own: each part of a redemption once."""
    await record(
        session,
        Owed(
            community_code=event.community_code,
            redemption_id=uuid.uuid5(event.redemption_id, f"refund {event.refunded_points}"),
            merchant_id=event.merchant_id,
            points=-event.points,
            captured_at=event.refunded_at,
            refund_of=event.redemption_id,
        ),
    )
