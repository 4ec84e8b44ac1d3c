"""Take a remedy a step on; one step follows another, whoever comes at the same time."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.checkups import queries as checkups
from services.operations.remedies import queries
from services.operations.remedies.rules import NotListed, RemedyState, RemedyStepRefused, check_step
from services.operations.remedies.tables import RemedyStep


@dataclass(frozen=True, slots=True)
class Step:
    """Who takes which step, with what there is to say of it: a plan and its budget, or what it cost."""

    checkup_id: uuid.UUID
    community_code: str
    state: RemedyState
    facts: dict[str, Any]
    by: str
    now: datetime


async def take_step(session: AsyncSession, command: Step) -> None:
    """Take a step.

    Raises:
        CheckupUnseen: The community is not in such a check-up.
        NotListed: The community is not on its list.
        RemedyStepRefused: The step does not follow the last one, or somebody else came first.
    """
    result = await checkups.result(session, command.checkup_id, command.community_code)
    if not result.listed:
        raise NotListed(code=command.community_code)
    rows = await queries.steps(session, command.checkup_id, command.community_code)
    check_step(queries.taken(rows), command.state)
    added = await session.scalar(
        insert(RemedyStep)
        .values(
            community_code=command.community_code,
            checkup_id=command.checkup_id,
            number=len(rows) + 1,
            state=command.state,
            facts=command.facts,
            taken_at=command.now,
            taken_by=command.by,
        )
        .on_conflict_do_nothing()
        .returning(RemedyStep.number)
    )
    if added is None:
        raise RemedyStepRefused(state="changed meanwhile", asked=command.state)
