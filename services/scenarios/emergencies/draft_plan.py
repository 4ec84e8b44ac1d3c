"""Draft an emergency plan, and approve it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.communities.queries import require_registered
from services.scenarios.emergencies.queries import find_plan
from services.scenarios.emergencies.rules import DECIDERS, TwoPersonsNeeded, check_plan
from services.scenarios.emergencies.tables import EmergencyPlan
from services.scenarios.spaces.tables import Space
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """Spaces by id: taken over, kept, and receiving what is moved; residents to visit; supplies by name."""

    community_code: str
    name: str
    takeover: Sequence[uuid.UUID]
    essential: Sequence[uuid.UUID]
    refuges: Sequence[uuid.UUID]
    care: Sequence[uuid.UUID]
    supplies: Mapping[str, int]
    broadcast: str
    compensation: str
    by: Identity


async def draft_plan(session: AsyncSession, command: DraftPlan) -> EmergencyPlan:
    """Draft a plan in peace; it is of no use before another person approves it.

    Raises:
        OutOfScope: The caller is neither the operator nor an official of the community.
        CommunityUnknown: The community does not take part.
        PlanInadmissible: A space has two fates, or is not the community's.
    """
    command.by.require(command.community_code, *DECIDERS)
    await require_registered(session, command.community_code)
    named = {*command.takeover, *command.essential, *command.refuges}
    known = await session.scalar(
        select(func.count()).where(Space.community_code == command.community_code, Space.id.in_(named))
    )
    takeover, essential, refuges = (
        [str(one) for one in ids] for ids in (command.takeover, command.essential, command.refuges)
    )
    check_plan(takeover, essential, refuges, known or 0)
    plan = EmergencyPlan(
        community_code=command.community_code,
        name=command.name,
        takeover=takeover,
        essential=essential,
        refuges=refuges,
        care=[str(one) for one in command.care],
        supplies=dict(command.supplies),
        broadcast=command.broadcast,
        compensation=command.compensation,
        published_by=command.by.subject,
    )
    session.add(plan)
    await session.flush()
    return plan


async def approve_plan(session: AsyncSession, plan_id: uuid.UUID, by: Identity, now: datetime) -> EmergencyPlan:
    """Approve another's plan, once.

    Raises:
        PlanUnseen: There is none that the caller may see.
        OutOfScope: The caller is neither the operator nor an official of the community.
        TwoPersonsNeeded: It is the caller's own, or approved.
    """
    plan = await find_plan(session, plan_id, by)
    by.require(plan.community_code, *DECIDERS)
    if plan.published_by == by.subject or plan.approved_at is not None:
        raise TwoPersonsNeeded
    plan.approved_by, plan.approved_at = by.subject, now
    await session.flush()
    return plan
