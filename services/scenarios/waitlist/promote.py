"""Pass seats on to those who wait."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.rules import Seats, counted_as
from services.scenarios.activities.tables import Activity
from services.scenarios.waitlist.rules import Waiting, next_offers
from services.scenarios.waitlist.tables import STANDING, WaitlistEntry
from shared.events.scenarios import WaitlistOffered
from shared.outbox import publish


async def promote(session: AsyncSession, community_code: str, activity_id: uuid.UUID, now: datetime) -> Activity:
    """Let offers lapse that were not answered in time, and offer what is free to who is next; then nobody else may.

    Whoever deals with an activity that is waited for does this first, in its own transaction: so an offer lapses to the
    moment, whenever the worker comes by. Returns the activity, locked until the transaction ends.
    """
    activity = (
        await session.scalars(
            select(Activity)
            .where(Activity.community_code == community_code, Activity.id == activity_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()
    queue = await _queue(session, activity)
    for entry in queue:
        if entry.offered_until and entry.offered_until <= now:
            entry.state, entry.offered_until = "lapsed", None
            count_seats(activity, counted_as(entry.category, entry.channel), -entry.party_size)
    if now < cut_off(activity):
        await _offer(session, activity, queue, now)
    activity.waiting = sum(entry.state in {"waiting", "offered"} for entry in queue)
    await session.flush()
    return activity


async def _queue(session: AsyncSession, activity: Activity) -> list[WaitlistEntry]:
    found = await session.scalars(
        select(WaitlistEntry)
        .where(
            WaitlistEntry.community_code == activity.community_code,
            WaitlistEntry.activity_id == activity.id,
            STANDING,
        )
        .order_by(WaitlistEntry.priority, WaitlistEntry.place)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def _offer(session: AsyncSession, activity: Activity, queue: list[WaitlistEntry], now: datetime) -> None:
    waiting = {entry.id: entry for entry in queue if entry.state == "waiting"}
    parties = [
        Waiting(entry.id, counted_as(entry.category, entry.channel), entry.party_size) for entry in waiting.values()
    ]
    until = min(now + timedelta(minutes=activity.offer_minutes), cut_off(activity))
    for party in next_offers(seats_of(activity, now), parties):
        entry = waiting[party.id]
        entry.state, entry.offered_until = "offered", until
        count_seats(activity, party.counted, entry.party_size)
        await publish(
            session,
            WaitlistOffered(
                community_code=activity.community_code,
                activity_id=activity.id,
                entry_id=entry.id,
                resident_id=entry.resident_id,
                offered_until=until,
            ),
        )


def cut_off(activity: Activity) -> datetime:
    """Return from when on no seat is offered any more."""
    return activity.waitlist_until or activity.starts_at


def seats_of(activity: Activity, now: datetime) -> Seats:
    """Return an activity's seats as the rules take them."""
    kept = (activity.quotas_until or activity.starts_at) > now
    return Seats(activity.capacity, activity.seats_taken, activity.quotas if kept else {}, activity.taken)


def count_seats(activity: Activity, counted: tuple[str, ...], seats: int) -> None:
    """Count seats as taken under these quotas, or as given back; the caller has locked the activity."""
    activity.seats_taken += seats
    activity.taken = {**activity.taken, **{quota: activity.taken.get(quota, 0) + seats for quota in counted}}
