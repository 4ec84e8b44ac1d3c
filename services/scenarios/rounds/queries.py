"""Reads about rounds."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.rounds.rules import RoundUnseen
from services.scenarios.rounds.tables import Allotment, Round, SeasonBooking

DUE_MAX = 200


async def find_round(session: AsyncSession, round_id: uuid.UUID, *, lock: bool = False) -> Round:
    """Return a round; if asked for, locked until the end of the transaction.

    Raises:
        RoundUnseen: There is none with this id.
    """
    query = select(Round).where(Round.id == round_id)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise RoundUnseen(round_id=str(round_id))
    return found


async def list_allotments(session: AsyncSession, drawn: Round) -> Sequence[Allotment]:
    """Return what a round has allotted, in the order of tickets."""
    found = await session.scalars(
        select(Allotment)
        .where(Allotment.community_code == drawn.community_code, Allotment.round_id == drawn.id)
        .order_by(Allotment.ticket)
    )
    return found.all()


async def find_undrawn(session: AsyncSession, now: datetime) -> Sequence[uuid.UUID]:
    """Return the rounds that have closed and are not drawn, the first that closed first."""
    undrawn = select(Round.id).where(Round.drawn_at.is_(None), Round.closes_at <= now)
    return (await session.scalars(undrawn.order_by(Round.closes_at))).all()


async def find_unbooked(session: AsyncSession) -> Sequence[tuple[str, uuid.UUID, uuid.UUID]]:
    """Return allotments that are not booked yet, by community, round and resident."""
    keys = (Allotment.community_code, Allotment.round_id, Allotment.resident_id)
    booked = select(SeasonBooking.resident_id).where(
        SeasonBooking.community_code == Allotment.community_code,
        SeasonBooking.round_id == Allotment.round_id,
        SeasonBooking.resident_id == Allotment.resident_id,
    )
    rows = await session.execute(
        select(*keys).where(Allotment.slot.is_not(None), ~booked.exists()).order_by(*keys).limit(DUE_MAX)
    )
    return [(code, round_id, resident_id) for code, round_id, resident_id in rows]
