"""Count the votes of a motion."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.assistance.rules import STAFF_ROLES
from services.scenarios.motions.queries import find_motion
from services.scenarios.motions.rules import PollStillOpen, require_stage
from services.scenarios.voting.queries import find_poll, find_roll, form_of, list_ballots, papers_of
from services.scenarios.voting.rules import tally
from services.scenarios.voting.tables import Ballot, CastBallot, Poll
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class CountVotes:
    """A motion whose poll has closed."""

    motion_id: uuid.UUID
    by: Identity
    now: datetime


async def count_votes(session: AsyncSession, command: CountVotes) -> Poll:
    """Count a closed poll, once; counting again gives the same result. The urn is emptied into the counted ballots.

    Raises:
        MotionUnseen: There is no such motion.
        OutOfScope: The caller is no staff of the community.
        NotAtThisStage: The motion is not at the vote.
        PollStillOpen: The poll has not closed.
    """
    motion = await find_motion(session, command.motion_id)
    command.by.require(motion.community_code, *STAFF_ROLES)
    require_stage(motion.stage, "vote")
    poll = cast("Poll", await find_poll(session, motion, lock=True))  # no motion comes to the vote without one
    if command.now < poll.closes_at:
        raise PollStillOpen(closes_at=poll.closes_at.isoformat())
    if poll.result is None:
        papers = papers_of(await list_ballots(session, motion, CastBallot))
        poll.result = tally(form_of(poll), papers, await find_roll(session, motion)).record()
        await _empty_the_urn(session, poll)
        await session.flush()
    return poll


async def _empty_the_urn(session: AsyncSession, poll: Poll) -> None:
    # New rows in the order of random ids: neither place nor transaction tells any more who cast a ballot.
    here = (CastBallot.community_code == poll.community_code) & (CastBallot.motion_id == poll.motion_id)
    columns = ["community_code", "motion_id", "id", "choices", "area_dm2"]
    urn = select(*(CastBallot.__table__.c[name] for name in columns)).where(here).order_by(CastBallot.id)
    await session.execute(insert(Ballot).from_select(columns, urn))
    await session.execute(delete(CastBallot).where(here))
