"""Reads of deliveries."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.deliveries.rules import DeliveryUnseen, Mixed, Source, mix
from services.operations.deliveries.tables import DeliveryPart, ServiceDelivery


async def delivery(
    session: AsyncSession, community_code: str, delivery_id: uuid.UUID
) -> tuple[ServiceDelivery, Sequence[DeliveryPart]]:
    """Return a delivery and its parts.

    Raises:
        DeliveryUnseen: There is none.
    """
    found = await session.get(ServiceDelivery, (community_code, delivery_id))
    if found is None:
        raise DeliveryUnseen(delivery_id=str(delivery_id))
    parts = select(DeliveryPart).where(
        DeliveryPart.community_code == community_code, DeliveryPart.delivery_id == delivery_id
    )
    return found, (await session.scalars(parts.order_by(DeliveryPart.number))).all()


async def mixed(session: AsyncSession, community_code: str, first: date, last: date) -> tuple[int, int, list[Mixed]]:
    """Return how many deliveries there were in some days, to how many in all, and the mix of their sources."""
    within = (ServiceDelivery.community_code == community_code, ServiceDelivery.delivered_on.between(first, last))
    count, served = (
        await session.execute(select(func.count(), func.coalesce(func.sum(ServiceDelivery.served), 0)).where(*within))
    ).one()
    given = await session.execute(
        select(DeliveryPart.source, DeliveryPart.quarter_hours, DeliveryPart.cost_fen)
        .join(
            ServiceDelivery,
            (ServiceDelivery.community_code == DeliveryPart.community_code)
            & (ServiceDelivery.id == DeliveryPart.delivery_id),
        )
        .where(*within)
    )
    return count, int(served), mix([(cast("Source", source), hours, cost) for source, hours, cost in given])
