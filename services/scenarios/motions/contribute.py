"""Contribute to a motion."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import admit_resident
from services.scenarios.motions.queries import find_motion
from services.scenarios.motions.rules import STAGES, answer_due, require_stage
from services.scenarios.motions.tables import Contribution
from shared.assistance import OnBehalf
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class Contribute:
    """What a resident says, with evidence such as the number of a photo."""

    motion_id: uuid.UUID
    text: str
    evidence: dict[str, Any]
    on_behalf: OnBehalf
    by: Identity
    now: datetime


async def contribute(session: AsyncSession, command: Contribute) -> Contribution:
    """Note what a resident says at the present stage; it is owed an answer.

    Raises:
        MotionUnseen: There is no such motion.
        OutOfScope: The caller is neither the resident, of that community, nor its desk.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        NotAtThisStage: The motion is closed.
    """
    motion = await find_motion(session, command.motion_id, lock=True)
    admit_resident(motion.community_code, command.on_behalf, command.by)
    require_stage(motion.stage, *STAGES[:-1])
    contribution = Contribution(
        community_code=motion.community_code,
        motion_id=motion.id,
        resident_id=command.on_behalf.resident_id,
        stage=motion.stage,
        text=command.text,
        evidence=command.evidence,
        contributed_at=command.now,
        answer_due_at=answer_due(command.now),
        **command.on_behalf.recorded(command.by.subject),
    )
    session.add(contribution)
    await session.flush()
    return contribution
