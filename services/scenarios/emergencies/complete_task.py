"""Complete an emergency's task."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.emergencies.rules import EmergencyElsewhere, EmergencyUnseen
from services.scenarios.emergencies.tables import EmergencyTask
from shared.identity import Identity


async def complete_task(session: AsyncSession, task_id: uuid.UUID, by: Identity, now: datetime) -> EmergencyTask:
    """Note that a care visit was made, or supplies were brought; once.

    Raises:
        EmergencyUnseen: There is no such task, or the caller is no staff of the community.
        EmergencyElsewhere: It is done.
    """
    task = await session.scalar(select(EmergencyTask).where(EmergencyTask.id == task_id).with_for_update())
    if task is None or not by.holds(task.community_code, *STAFF_ROLES):
        raise EmergencyUnseen(emergency_id=str(task_id))
    if task.done_at is not None:
        raise EmergencyElsewhere(state="任务已完成")
    task.done_by, task.done_at = by.subject, now
    await session.flush()
    return task
