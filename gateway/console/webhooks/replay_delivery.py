"""Replay what was told before, or given up."""

import uuid
from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.console.webhooks.rules import DeliveryUnseen
from gateway.console.webhooks.tables import Delivery


@dataclass(frozen=True, slots=True)
class Replay:
    """Which delivery, and of which application; none means that it may be any."""

    delivery_id: uuid.UUID
    application: str | None


async def replay_delivery(session: AsyncSession, replay: Replay) -> Delivery:
    """Let a delivery be due at once, with all its tries before it.

    Raises:
        DeliveryUnseen: There is none, or it is another application's.
    """
    delivery = await session.get(Delivery, replay.delivery_id, with_for_update=True, populate_existing=True)
    if delivery is None or replay.application not in {None, delivery.application}:
        raise DeliveryUnseen(delivery_id=str(replay.delivery_id))
    delivery.due_at, delivery.attempts = func.now(), 0
    delivery.delivered_at = delivery.last_status = delivery.last_fault = None
    await session.flush()
    await session.refresh(delivery)
    return delivery
