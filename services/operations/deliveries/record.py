"""Record a delivery with all its parts, or nothing of it."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from services.operations.deliveries.rules import EvidenceUsed, Part, check_parts
from services.operations.deliveries.tables import DeliveryPart, ServiceDelivery


@dataclass(frozen=True, slots=True)
class Delivered:
    """Which service was delivered to how many, and who gave what to it."""

    community_code: str
    service: str
    delivered_on: date
    served: int
    parts: Sequence[Part]
    by: str
    now: datetime


async def record(session: AsyncSession, command: Delivered) -> uuid.UUID:
    """Record a delivery.

    Raises:
        CommunityNotRegistered: The community does not take part.
        VolunteersAreNotPaid: A volunteer's part has a cost.
        EvidenceUsed: A piece of evidence is counted already.
    """
    check_parts(command.parts)
    if await session.get(Community, command.community_code) is None:
        raise CommunityNotRegistered(code=command.community_code)
    delivery = ServiceDelivery(
        community_code=command.community_code,
        service=command.service,
        delivered_on=command.delivered_on,
        served=command.served,
        recorded_at=command.now,
        recorded_by=command.by,
    )
    session.add(delivery)
    await session.flush()
    key = {"community_code": command.community_code, "delivery_id": delivery.id}
    rows = [{**key, "number": number, **asdict(part)} for number, part in enumerate(command.parts, 1)]
    added = await session.scalars(insert(DeliveryPart).on_conflict_do_nothing().returning(DeliveryPart.number), rows)
    missing = {row["number"] for row in rows} - set(added)
    if missing:
        raise EvidenceUsed(evidence=command.parts[min(missing) - 1].evidence)
    return delivery.id
