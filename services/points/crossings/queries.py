"""Reads of what crosses between two communities; and the note that their books disagree."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.crossings.rules import CrossingUnknown
from services.points.crossings.tables import Arrival, Crossing, Discord
from shared.identity import Identity

_NUMBERS = text("SELECT pg_advisory_xact_lock(hashtextextended(:what || ' ' || :code || ' ' || :other, 0))")


async def lock_numbers(session: AsyncSession, what: str, community_code: str, counterparty: str) -> None:
    """Keep others from numbering a pair's requests, or its decisions, until this transaction ends."""
    await session.execute(_NUMBERS, {"what": what, "code": community_code, "other": counterparty})


async def disagree(session: AsyncSession, community_code: str, counterparty: str) -> bool:
    """Tell whether the pair's books are known not to agree."""
    return await session.get(Discord, (community_code, counterparty)) is not None


async def note_discord(
    session: AsyncSession, community_code: str, counterparty: str, what: str, facts: dict[str, Any], *, now: datetime
) -> None:
    """Note that the pair's books do not agree; the first finding stands."""
    row = {"community_code": community_code, "counterparty": counterparty, "what": what, "facts": facts}
    await session.execute(insert(Discord).values(**row, noticed_at=now).on_conflict_do_nothing())


async def last_request(session: AsyncSession, community_code: str, to_community: str) -> int:
    """Return the number of the last crossing from one to the other, by the payer's own count."""
    own = (Crossing.community_code == community_code, Crossing.to_community == to_community)
    return await session.scalar(select(func.max(Crossing.request_no)).where(*own)) or 0


async def last_decision_heard(session: AsyncSession, community_code: str, to_community: str) -> int:
    """Return the number of the latest decision of the other that this one has carried out."""
    own = (Crossing.community_code == community_code, Crossing.to_community == to_community)
    return await session.scalar(select(func.max(Crossing.decision_no)).where(*own)) or 0


async def last_decision(session: AsyncSession, community_code: str, from_community: str) -> int:
    """Return the number of the last decision on what came from the other, by the merchant's own count."""
    own = (Arrival.community_code == community_code, Arrival.from_community == from_community)
    return await session.scalar(select(func.max(Arrival.decision_no)).where(*own)) or 0


async def last_request_heard(session: AsyncSession, community_code: str, from_community: str) -> int:
    """Return the number of the latest request of the other that this one has decided."""
    own = (Arrival.community_code == community_code, Arrival.from_community == from_community)
    return await session.scalar(select(func.max(Arrival.request_no)).where(*own)) or 0


async def get_crossing(session: AsyncSession, crossing_id: uuid.UUID, who: Identity) -> Crossing:
    """Return a crossing to its resident, or to staff of its community.

    Raises:
        CrossingUnknown: There is none that this caller may see.
    """
    crossing = await session.scalar(select(Crossing).where(Crossing.crossing_id == crossing_id))
    if crossing is None or not (
        who.subject == f"resident:{crossing.resident_id}"
        or who.holds(crossing.community_code, "desk", "operator", "official")
    ):
        raise CrossingUnknown(crossing_id=crossing_id)
    return crossing
