"""Reads about activities."""

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.activities.rules import ActivityUnseen
from services.scenarios.activities.tables import Activity, SignUp


async def find_activity(session: AsyncSession, activity_id: uuid.UUID) -> Activity:
    """Return an activity.

    Raises:
        ActivityUnseen: There is none with this id.
    """
    activity = await session.scalar(select(Activity).where(Activity.id == activity_id))
    if activity is None:
        raise ActivityUnseen(activity_id=str(activity_id))
    return activity


async def find_sign_up(
    session: AsyncSession, activity: Activity, resident_id: uuid.UUID, *, lock: bool = False
) -> SignUp | None:
    """Return a resident's sign-up for an activity, if it has a seat; locked, nobody releases it meanwhile."""
    key = (activity.community_code, activity.id, resident_id)
    found = await session.get(SignUp, key, populate_existing=True, with_for_update={"read": True} if lock else None)
    return found if found and found.state == "seated" else None
