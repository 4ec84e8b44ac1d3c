"""Book what was allotted."""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.bookings.book import Book
from services.scenarios.bookings.book_series import BookSeries, book_series
from services.scenarios.rounds.queries import find_round
from services.scenarios.rounds.tables import Allotment, Application, SeasonBooking
from shared.assistance import ASSISTED_CHANNELS, Channel, Consent, OnBehalf
from shared.errors import Refusal
from shared.identity import Identity, Role


async def book_allotment(session: AsyncSession, key: tuple[str, uuid.UUID, uuid.UUID], now: datetime) -> SeasonBooking:
    """Book an allotment as a series, by the command that applied for it; what cannot be had is left out.

    Args:
        session: The transaction.
        key: The allotment's community, round and resident.
        now: The moment of booking.
    """
    application = await session.get_one(Application, key)
    allotment = await session.get_one(Allotment, key)
    found = await find_round(session, key[1])
    made = {"community_code": key[0], "round_id": key[1], "resident_id": key[2], "booked_at": now}
    command = _series(application, found.slots[cast("int", allotment.slot)], now)
    try:
        async with session.begin_nested():
            series, _, left_out = await book_series(session, command)
        booked = SeasonBooking(**made, series_id=series.id, left_out=len(left_out))
    except Refusal as refusal:
        booked = SeasonBooking(**made, left_out=0, refused_because=refusal.type)
    session.add(booked)
    await session.flush()
    return booked


def _series(application: Application, slot: dict[str, Any], now: datetime) -> BookSeries:
    channel = cast("Channel", application.channel)
    role = "desk" if channel in ASSISTED_CHANNELS else "resident"
    by = Identity(application.given_by, (Role(role, application.community_code),))
    consent = Consent(**application.consent) if application.consent else None
    period = datetime.fromisoformat(slot["starts_at"]), datetime.fromisoformat(slot["ends_at"])
    on_behalf = OnBehalf(application.resident_id, channel, consent)
    return BookSeries(Book(uuid.UUID(slot["space_id"]), period, on_behalf, by, now), slot["rule"], skip=True)
