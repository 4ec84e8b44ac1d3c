"""Erase a resident: give up what stands, wait for what is under way, then leave a pseudonym in the records."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.withdraw import Withdraw, withdraw
from services.scenarios.bookings.cancel import Cancel, cancel
from services.scenarios.erasures.queries import (
    find_bookings_ahead,
    find_posts,
    find_seats_ahead,
    find_visits_ahead,
    find_waiting,
    is_under_way,
)
from services.scenarios.timebank.post_help import withdraw_help
from services.scenarios.timebank.take_step import TakeStep, take_step
from services.scenarios.waitlist.accept_offer import AnswerOffer, decline_offer
from shared.assistance import OnBehalf, subject_of
from shared.erasure import ErasureDue, forget
from shared.identity import Identity, Role

EVERYWHERE = ""


async def erase(session: AsyncSession, row: ErasureDue, now: datetime) -> bool:
    """Erase a resident; again, it erases what has come since.

    Returns:
        Whether it was done. Until points and hours that are on their way have arrived it is not, and what stood is
        given up already.
    """
    await _give_up(session, row.resident_id, now)
    if await is_under_way(session, row.resident_id):
        return False
    await forget(session, row)
    return True


async def _give_up(session: AsyncSession, resident_id: uuid.UUID, now: datetime) -> None:
    itself = Identity(subject_of(resident_id), (Role("resident", EVERYWHERE),))
    own = OnBehalf(resident_id, "app", None)
    for booking_id in await find_bookings_ahead(session, resident_id, now):
        await cancel(session, Cancel(booking_id, own.channel, None, itself, now))
    for entry_id in await find_waiting(session, resident_id):
        await decline_offer(session, AnswerOffer(entry_id, own.channel, None, itself, now))
    for activity_id in await find_seats_ahead(session, resident_id, now):
        await withdraw(session, Withdraw(activity_id, own, itself, now))
    for post_id in await find_posts(session, resident_id):
        await withdraw_help(session, post_id, own, itself)
    for visit_id in await find_visits_ahead(session, resident_id):
        await take_step(session, TakeStep(visit_id, "cancel", own, itself, now))
