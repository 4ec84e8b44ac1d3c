"""Cast a ballot."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.motions.queries import find_motion
from services.scenarios.motions.rules import AlreadyVoted, NotOnRoll, PollNotOpen, require_stage
from services.scenarios.motions.tables import Motion
from services.scenarios.voting.queries import form_of
from services.scenarios.voting.rules import DECISIONS, read_ballot
from services.scenarios.voting.tables import CastBallot, Elector, Poll, Turnout
from shared.assistance import DESK_ROLES, OnBehalf, admit
from shared.identity import Identity


@dataclass(frozen=True, slots=True)
class Cast:
    """A resident's choices, by whichever channel they came."""

    motion_id: uuid.UUID
    choices: Sequence[str]
    on_behalf: OnBehalf
    by: Identity
    now: datetime


async def cast(session: AsyncSession, command: Cast) -> Turnout:
    """Put a ballot in the urn, and note the turnout: nothing in the one points to the other.

    Raises:
        MotionUnseen: There is no such motion.
        OutOfScope: The caller is neither the resident nor the desk of the community.
        ChannelNotAllowed: The channel is not the caller's.
        ConsentMissing: The desk acts without the resident's consent.
        NotAtThisStage: The motion is not at the vote.
        PollNotOpen: It is too early or too late.
        BallotSpoilt: The choices are not what the form allows.
        NotOnRoll: The resident has no vote.
        AlreadyVoted: The resident has voted, by this or another channel.
    """
    motion = await find_motion(session, command.motion_id)
    at_desk = command.by.holds(motion.community_code, *DESK_ROLES)
    admit(command.on_behalf, by=command.by.subject, at_desk=at_desk, area=motion.community_code)
    require_stage(motion.stage, "vote")
    poll = await _open_poll(session, motion, command.now)
    choices = read_ballot(form_of(poll), command.choices)
    elector = await session.get(Elector, (motion.community_code, motion.id, command.on_behalf.resident_id))
    if elector is None:
        raise NotOnRoll
    turnout = await _turn_out(session, elector, command)
    area_dm2 = elector.area_dm2 if poll.kind in DECISIONS else 0
    ballot = {"motion_id": motion.id, "choices": list(choices), "area_dm2": area_dm2}
    await session.execute(insert(CastBallot).values(community_code=motion.community_code, **ballot))
    return turnout


async def _open_poll(session: AsyncSession, motion: Motion, now: datetime) -> Poll:
    # Shared with other voters, and held against the count: whoever votes now is counted, or comes too late.
    poll = (
        await session.scalars(
            select(Poll)
            .where(Poll.community_code == motion.community_code, Poll.motion_id == motion.id)
            .with_for_update(read=True)
        )
    ).one()
    if not poll.opens_at <= now < poll.closes_at or poll.result is not None:
        raise PollNotOpen(opens_at=poll.opens_at.isoformat(), closes_at=poll.closes_at.isoformat())
    return poll


async def _turn_out(session: AsyncSession, elector: Elector, command: Cast) -> Turnout:
    turnout: Turnout | None = await session.scalar(
        insert(Turnout)
        .values(
            community_code=elector.community_code,
            motion_id=elector.motion_id,
            resident_id=elector.resident_id,
            voted_at=command.now,
            **command.on_behalf.recorded(command.by.subject),
        )
        .on_conflict_do_nothing()
        .returning(Turnout)
    )
    if turnout is None:
        raise AlreadyVoted
    return turnout
