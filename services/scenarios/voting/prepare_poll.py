"""Prepare a poll."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.motions.queries import find_motion
from services.scenarios.motions.rules import check_poll, require_stage
from services.scenarios.voting.rules import Form, check_form
from services.scenarios.voting.tables import Elector, Poll
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class PreparePoll:
    """The form, the time, and the roll: who may vote, with the area in dm² of each."""

    motion_id: uuid.UUID
    form: Form
    opens_at: datetime
    closes_at: datetime
    roll: Mapping[uuid.UUID, int]
    by: Identity
    now: datetime


async def prepare_poll(session: AsyncSession, command: PreparePoll) -> Poll:
    """Prepare a motion's poll, or prepare it anew: until the vote begins, the whole of it is replaced.

    Raises:
        MotionUnseen: There is no such motion.
        OutOfScope: The caller is no staff of the community.
        NotAtThisStage: The motion is not being designed.
        FormInadmissible: Nobody could vote on the form.
        PollTimesInadmissible: The time is past, empty or reversed.
    """
    motion = await find_motion(session, command.motion_id, lock=True)
    command.by.require(motion.community_code, *STAFF_ROLES)
    require_stage(motion.stage, "design")
    check_form(command.form)
    check_poll(command.opens_at, command.closes_at, command.now)
    key = {"community_code": motion.community_code, "motion_id": motion.id}
    for table in (Elector, Poll):
        await session.execute(
            delete(table).where(table.community_code == motion.community_code, table.motion_id == motion.id)
        )
    poll = Poll(
        **key,
        kind=command.form.kind,
        options=[asdict(option) for option in command.form.options],
        places=command.form.places,
        budget_fen=command.form.budget_fen,
        opens_at=command.opens_at,
        closes_at=command.closes_at,
    )
    session.add(poll)
    await session.flush()
    electors = [{**key, "resident_id": one, "area_dm2": area} for one, area in command.roll.items()]
    await session.execute(insert(Elector), electors)
    return poll
