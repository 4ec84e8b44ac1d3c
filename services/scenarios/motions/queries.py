"""Reads about motions."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.motions.rules import MotionUnseen
from services.scenarios.motions.tables import Answer, Contribution, Motion, StageRecord


async def find_motion(session: AsyncSession, motion_id: uuid.UUID, *, lock: bool = False) -> Motion:
    """Return a motion, if asked for, locked until the end of the transaction.

    Raises:
        MotionUnseen: There is none with this id.
    """
    query = select(Motion).where(Motion.id == motion_id)
    motion = await session.scalar(query.with_for_update() if lock else query)
    if motion is None:
        raise MotionUnseen(motion_id=str(motion_id))
    return motion


async def list_contributions(session: AsyncSession, motion: Motion) -> Sequence[tuple[Contribution, Answer | None]]:
    """Return what residents have contributed to a motion, in order, each with its answer."""
    rows = await session.execute(
        select(Contribution, Answer)
        .outerjoin(
            Answer, (Answer.community_code == Contribution.community_code) & (Answer.contribution_id == Contribution.id)
        )
        .where(Contribution.community_code == motion.community_code, Contribution.motion_id == motion.id)
        .order_by(Contribution.id)
    )
    return [(contribution, answer) for contribution, answer in rows]


async def count_contributions(session: AsyncSession, motion: Motion, stage: str) -> tuple[int, int]:
    """Return how many contributions a stage has, and how many of them have no answer."""
    row = (
        await session.execute(
            select(func.count(), func.count().filter(Answer.contribution_id.is_(None)))
            .select_from(Contribution)
            .outerjoin(
                Answer,
                (Answer.community_code == Contribution.community_code) & (Answer.contribution_id == Contribution.id),
            )
            .where(
                Contribution.community_code == motion.community_code,
                Contribution.motion_id == motion.id,
                Contribution.stage == stage,
            )
        )
    ).one()
    return row[0], row[1]


async def list_records(session: AsyncSession, motion: Motion) -> Sequence[StageRecord]:
    """Return how the motion's stages ended, in order."""
    rows = await session.scalars(
        select(StageRecord)
        .where(StageRecord.community_code == motion.community_code, StageRecord.motion_id == motion.id)
        .order_by(StageRecord.ended_at)
    )
    return rows.all()
