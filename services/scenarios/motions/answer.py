"""Answer a resident's contribution."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.motions.queries import find_motion
from services.scenarios.motions.rules import AlreadyAnswered, ContributionUnseen
from services.scenarios.motions.tables import Answer, Contribution
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class GiveAnswer:
    """An answer to a contribution of a motion."""

    motion_id: uuid.UUID
    contribution_id: uuid.UUID
    text: str
    by: Identity
    now: datetime


async def answer(session: AsyncSession, command: GiveAnswer) -> Answer:
    """Answer a contribution, once.

    Raises:
        MotionUnseen: There is no such motion.
        OutOfScope: The caller is no staff of the community.
        ContributionUnseen: The motion has no such contribution.
        AlreadyAnswered: It was answered before.
    """
    motion = await find_motion(session, command.motion_id)
    command.by.require(motion.community_code, *STAFF_ROLES)
    there = exists().where(
        Contribution.community_code == motion.community_code,
        Contribution.id == command.contribution_id,
        Contribution.motion_id == motion.id,
    )
    if not await session.scalar(select(there)):
        raise ContributionUnseen(contribution_id=str(command.contribution_id))
    given: Answer | None = await session.scalar(
        insert(Answer)
        .values(
            community_code=motion.community_code,
            contribution_id=command.contribution_id,
            text=command.text,
            answered_by=command.by.subject,
            answered_at=command.now,
        )
        .on_conflict_do_nothing()
        .returning(Answer)
    )
    if given is None:
        raise AlreadyAnswered
    return given
