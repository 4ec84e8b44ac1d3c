"""Propose a project 申报."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.operations.communities.rules import CommunityNotRegistered
from services.operations.communities.tables import Community
from services.operations.projects.replan import Replan, replan
from services.operations.projects.rules import Plan, check_plan
from services.operations.projects.tables import Project


@dataclass(frozen=True, slots=True)
class Proposal:
    """A project, its first plan, and who proposes it."""

    community_code: str
    title: str
    plan: Plan
    by: str
    now: datetime


async def propose(session: AsyncSession, command: Proposal) -> Project:
    """Take in a project; its first plan is the baseline that slippage is measured against.

    Raises:
        PlanOutOfOrder: The stages do not follow each other.
        CommunityNotRegistered: The community does not take part.
    """
    check_plan(command.plan)
    if await session.get(Community, command.community_code) is None:
        raise CommunityNotRegistered(code=command.community_code)
    project = Project(
        community_code=command.community_code, title=command.title, proposed_at=command.now, proposed_by=command.by
    )
    session.add(project)
    await session.flush()
    baseline = Replan(project.community_code, project.id, command.plan, "申报计划 baseline", command.by, command.now)
    await replan(session, baseline)
    return project
