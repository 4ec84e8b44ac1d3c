"""Raise work orders for all that failed in a community's check-up."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.checkups import queries as checkups
from services.operations.checkups.rules import SURVEY
from services.operations.work_orders.rules import NothingFails, due_on, failures
from services.operations.work_orders.tables import WorkOrder
from shared.clock import local_day


@dataclass(frozen=True, slots=True)
class Raising:
    """Who raises the work orders of which check-up and community."""

    checkup_id: uuid.UUID
    community_code: str
    by: str
    now: datetime


async def raise_orders(session: AsyncSession, command: Raising) -> None:
    """Raise a work order for each item that failed; one that is raised already stays as it is.

    Raises:
        CheckupUnseen: The community is not in such a check-up.
        NothingFails: Nothing failed.
    """
    checkup = await checkups.checkup(session, command.checkup_id)
    result = await checkups.result(session, command.checkup_id, command.community_code)
    _, scheme = await checkups.scheme(session, checkup.scheme)
    found = failures(SURVEY.validate_python(result.snapshot), scheme)
    if not found:
        raise NothingFails(code=command.community_code)
    rows = [
        {
            "community_code": command.community_code,
            "checkup_id": command.checkup_id,
            "item": one.item,
            "name": one.name,
            "parts": list(one.parts),
            "urgency": one.urgency,
            "due_on": due_on(local_day(command.now), one.urgency),
            "raised_at": command.now,
            "raised_by": command.by,
        }
        for one in found
    ]
    await session.execute(insert(WorkOrder).values(rows).on_conflict_do_nothing())
