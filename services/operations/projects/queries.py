"""Reads of projects."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.projects.rules import Plan, ProjectUnseen, Stage
from services.operations.projects.tables import Project, ProjectGate, ProjectPlan
from shared.clock import local_day


async def get(session: AsyncSession, project_id: uuid.UUID) -> Project:
    """Return a project.

    Raises:
        ProjectUnseen: There is none.
    """
    project = await session.scalar(select(Project).where(Project.id == project_id))
    if project is None:
        raise ProjectUnseen(project_id=str(project_id))
    return project


async def find(session: AsyncSession, area: str, after: uuid.UUID | None, most: int) -> Sequence[Project]:
    """Return projects of an area, the oldest first."""
    rows = select(Project).where(Project.community_code.between(area.ljust(12, "0"), area.ljust(12, "9")))
    if after:
        rows = rows.where(Project.id > after)
    return (await session.scalars(rows.order_by(Project.id).limit(most))).all()


async def passed_days(session: AsyncSession, project: Project) -> dict[Stage, date]:
    """Return the stages that a project has left, with the day in China on which it did."""
    gates = await session.scalars(
        select(ProjectGate)
        .where(ProjectGate.community_code == project.community_code, ProjectGate.project_id == project.id)
        .order_by(ProjectGate.passed_at)
    )
    return {cast("Stage", gate.stage): local_day(gate.passed_at) for gate in gates}


async def plans(session: AsyncSession, project: Project) -> list[tuple[Plan, str]]:
    """Return a project's plans with their reasons, the baseline first."""
    rows = await session.scalars(
        select(ProjectPlan)
        .where(ProjectPlan.community_code == project.community_code, ProjectPlan.project_id == project.id)
        .order_by(ProjectPlan.revision)
    )
    return [(Plan(applying=p.applying, creating=p.creating, accepting=p.accepting), p.reason) for p in rows]
