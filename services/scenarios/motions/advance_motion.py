"""End a motion's stage."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.motions.queries import count_contributions, find_motion
from services.scenarios.motions.rules import MotionStage, check_finished, following, require_stage
from services.scenarios.motions.tables import Motion, StageRecord
from services.scenarios.voting.queries import poll_state
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class AdvanceMotion:
    """How a stage ended; `stage` is the one that the caller has seen, so that none is skipped by two at once."""

    motion_id: uuid.UUID
    stage: MotionStage
    summary: str
    evidence: dict[str, Any]
    by: Identity
    now: datetime


async def advance_motion(session: AsyncSession, command: AdvanceMotion) -> Motion:
    """End a stage with its evidence. A vote that decided nothing ends the motion.

    Raises:
        MotionUnseen: There is no such motion.
        OutOfScope: The caller is no staff of the community.
        NotAtThisStage: The motion is not at the stage that is to end.
        AnswersOwed: Contributions of the stage have no answer.
        StageUnfinished: The stage lacks what it is there for.
    """
    motion = await find_motion(session, command.motion_id, lock=True)
    command.by.require(motion.community_code, *STAFF_ROLES)
    require_stage(motion.stage, command.stage)
    contributions, unanswered = await count_contributions(session, motion, motion.stage)
    poll = await poll_state(session, motion)
    stage = cast("MotionStage", motion.stage)
    check_finished(
        stage, contributions=contributions, unanswered=unanswered, prepared=poll.prepared, counted=poll.counted
    )
    motion.stage = "closed" if stage == "vote" and not poll.decided else following(stage)
    session.add(
        StageRecord(
            community_code=motion.community_code,
            motion_id=motion.id,
            stage=stage,
            summary=command.summary,
            evidence=command.evidence,
            ended_by=command.by.subject,
            ended_at=command.now,
        )
    )
    await session.flush()
    return motion
