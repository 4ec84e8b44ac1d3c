"""Plan a project anew."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.tables import Community
from services.operations.projects.rules import Plan, check_plan
from services.operations.projects.tables import ProjectPlan


@dataclass(frozen=True, slots=True)
class Replan:
    """A new plan for a project, with its reason."""

    community_code: str
    project_id: uuid.UUID
    plan: Plan
    reason: str
    by: str
    now: datetime


async def replan(session: AsyncSession, command: Replan) -> None:
    """Plan a project anew; the plans before stay on record.

    Raises:
        PlanOutOfOrder: The stages do not follow each other.
    """
    check_plan(command.plan)
    await session.get(Community, command.community_code, with_for_update=True)  # one revision at a time
    latest = await session.scalar(
        select(func.max(ProjectPlan.revision)).where(
            ProjectPlan.community_code == command.community_code, ProjectPlan.project_id == command.project_id
        )
    )
    session.add(
        ProjectPlan(
            community_code=command.community_code,
            project_id=command.project_id,
            revision=(latest or 0) + 1,
            reason=command.reason,
            recorded_at=command.now,
            recorded_by=command.by,
            **asdict(command.plan),
        )
    )
    await session.flush()
