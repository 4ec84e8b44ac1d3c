"""Release the seats that nobody came to, for those who wait."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.rules import counted_as
from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.arrivals.queries import find_excuse, overdue_seats
from services.scenarios.arrivals.tables import NoShow
from services.scenarios.attendance.tables import CheckIn
from services.scenarios.waitlist.promote import count_seats, promote


async def release_seats(session: AsyncSession, community_code: str, activity_id: uuid.UUID, now: datetime) -> int:
    """Note the parties of an activity that did not check in within its grace as missed; returns how many.

    Their seats are free at once, and offered to those who wait, as long as the waitlist is open. Whoever got its seats
    after the start has the same time from then on.
    """
    activity = await promote(session, community_code, activity_id, now)
    here = (SignUp.community_code == Activity.community_code) & (SignUp.activity_id == Activity.id)
    of_activity = (Activity.community_code == community_code, Activity.id == activity_id)
    overdue = select(SignUp).join(Activity, here).where(*of_activity, overdue_seats(now)).with_for_update(of=SignUp)
    locked = (await session.scalars(overdue.execution_options(populate_existing=True))).all()
    # Asked again: who checked in while this waited for the lock is not seen by the statement that waited.
    at = (CheckIn.community_code == community_code, CheckIn.activity_id == activity_id)
    came = set(await session.scalars(select(CheckIn.resident_id).where(*at)))
    missed = [seat for seat in locked if seat.resident_id not in came]
    for seat in missed:
        seat.state = "missed"
        count_seats(activity, counted_as(seat.category, seat.channel), -seat.party_size)
        excused_because = await find_excuse(session, community_code, seat.resident_id, now)
        key = {"community_code": community_code, "activity_id": activity_id, "resident_id": seat.resident_id}
        values = {**key, "missed_at": now, "excused_because": excused_because}
        await session.execute(insert(NoShow).values(values).on_conflict_do_nothing())  # once, if it comes late twice
    await session.flush()
    await promote(session, community_code, activity_id, now)
    return len(missed)
