"""Reads of remedies."""

import uuid
from collections.abc import Sequence
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.remedies.rules import RemedyState, Taken
from services.operations.remedies.tables import RemedyStep


async def steps(session: AsyncSession, checkup_id: uuid.UUID, community_code: str) -> Sequence[RemedyStep]:
    """Return the steps of a remedy, in order."""
    rows = select(RemedyStep).where(RemedyStep.community_code == community_code, RemedyStep.checkup_id == checkup_id)
    return (await session.scalars(rows.order_by(RemedyStep.number))).all()


def taken(rows: Sequence[RemedyStep]) -> list[Taken]:
    """Return what a rule needs of the steps."""
    return [Taken(cast("RemedyState", row.state), row.taken_at, row.taken_by) for row in rows]
