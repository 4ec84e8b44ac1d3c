"""Reads about polls: the form, the roll, the turnout, and what a recount needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.scenarios.motions.tables import Motion
from services.scenarios.voting.rules import Form, Option, Paper, Roll, VoteKind
from services.scenarios.voting.tables import Ballot, CastBallot, Elector, Poll, Turnout

Urn = TypeVar("Urn", CastBallot, Ballot)


@dataclass(frozen=True, slots=True)
class PollState:
    """How far a poll is: it has a form, a roll and a time; it was counted; something was decided."""

    prepared: bool
    counted: bool
    decided: bool


async def find_poll(session: AsyncSession, motion: Motion, *, lock: bool = False) -> Poll | None:
    """Return a motion's poll, if there is one, if asked for, locked until the end of the transaction."""
    query = select(Poll).where(Poll.community_code == motion.community_code, Poll.motion_id == motion.id)
    found: Poll | None = await session.scalar(query.with_for_update() if lock else query)
    return found


def form_of(poll: Poll) -> Form:
    """Return a poll's form as the rules take it."""
    options = tuple(Option(**option) for option in poll.options)
    return Form(cast("VoteKind", poll.kind), options, poll.places, poll.budget_fen)


async def find_roll(session: AsyncSession, motion: Motion) -> Roll:
    """Return how many may vote, and their area."""
    row = await session.execute(
        select(func.count(), func.coalesce(func.sum(Elector.area_dm2), 0)).where(
            Elector.community_code == motion.community_code, Elector.motion_id == motion.id
        )
    )
    heads, area_dm2 = row.one()
    return Roll(heads, int(area_dm2))


async def poll_state(session: AsyncSession, motion: Motion) -> PollState:
    """Tell how far a motion's poll is."""
    poll = await find_poll(session, motion)
    if poll is None:
        return PollState(prepared=False, counted=False, decided=False)
    roll = await find_roll(session, motion)
    result = poll.result or {}
    decided = bool(result.get("winners") or result.get("tied"))
    return PollState(prepared=roll.heads > 0, counted=poll.result is not None, decided=decided)


async def count_turnout(session: AsyncSession, motion: Motion) -> dict[str, int]:
    """Return how many have voted, by channel."""
    rows = await session.execute(
        select(Turnout.channel, func.count())
        .where(Turnout.community_code == motion.community_code, Turnout.motion_id == motion.id)
        .group_by(Turnout.channel)
        .order_by(Turnout.channel)
    )
    return {row[0]: row[1] for row in rows}


async def list_ballots(session: AsyncSession, motion: Motion, table: type[Urn]) -> Sequence[Urn]:
    """Return ballots in the order of their random ids."""
    here = (table.community_code == motion.community_code) & (table.motion_id == motion.id)
    return (await session.scalars(select(table).where(here).order_by(table.id))).all()


def papers_of(ballots: Sequence[CastBallot | Ballot]) -> list[Paper]:
    """Return ballots as the rules count them."""
    return [Paper(tuple(ballot.choices), ballot.area_dm2) for ballot in ballots]
