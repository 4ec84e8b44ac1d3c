"""HTTP: prepare a poll, vote, count, and give out what a recount needs."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.scenarios.motions.queries import find_motion
from services.scenarios.motions.rules import (
    AlreadyVoted,
    MotionUnseen,
    NotAtThisStage,
    NotOnRoll,
    PollNotOpen,
    PollStillOpen,
    PollTimesInadmissible,
)
from services.scenarios.voting.cast import Cast, cast
from services.scenarios.voting.count_votes import CountVotes, count_votes
from services.scenarios.voting.prepare_poll import PreparePoll, prepare_poll
from services.scenarios.voting.queries import count_turnout, find_poll, find_roll, list_ballots
from services.scenarios.voting.rules import BallotSpoilt, Form, FormInadmissible, Option, VoteKind
from services.scenarios.voting.tables import Ballot
from shared import problems
from shared.assistance import Channel, ChannelNotAllowed, ConsentMissing, ResidentBody
from shared.clock import Moment
from shared.database import Transaction
from shared.errors import OutOfScope
from shared.fields import PRINTABLE, ResidentId
from shared.idempotency import IdempotentRoute
from shared.identity import Caller

router = APIRouter(prefix="/motions/{motion_id}", tags=["表决 Voting"], route_class=IdempotentRoute)

ELECTORS_MAX = 20_000
FEN_MAX = 10**13
Key = Annotated[str, Field(min_length=1, max_length=40, pattern=PRINTABLE)]


class OptionBody(BaseModel):
    """What can be chosen."""

    key: Key
    cost_fen: Annotated[int, Field(ge=0, le=FEN_MAX)] = 0


class ElectorBody(BaseModel):
    """One who may vote, with the area in dm² (hundredths of a square metre) of what it owns."""

    resident_id: ResidentId
    area_dm2: Annotated[int, Field(ge=0, le=10**10)] = 0


class FormBody(BaseModel):
    """How and when a motion is voted on."""

    kind: Annotated[VoteKind, Field(description="过半决定、四分之三决定、择优、参与式预算")]
    options: Annotated[list[OptionBody], Field(max_length=200)] = []
    places: Annotated[int, Field(ge=1, le=200, description="择优名额 / options that win")] = 1
    budget_fen: Annotated[int, Field(ge=0, le=FEN_MAX, description="参与式预算总额（分）")] = 0
    opens_at: Moment
    closes_at: Moment

    def form(self) -> Form:
        """Return the form as the rules take it."""
        options = tuple(Option(option.key, option.cost_fen) for option in self.options)
        return Form(self.kind, options, self.places, self.budget_fen)


class PollBody(FormBody):
    """A poll and its roll; a resident stands on it once."""

    roll: Annotated[list[ElectorBody], Field(min_length=1, max_length=ELECTORS_MAX)]

    @field_validator("roll")
    @classmethod
    def _once(cls, roll: list[ElectorBody]) -> list[ElectorBody]:
        if len({elector.resident_id for elector in roll}) < len(roll):
            raise ValueError("每位居民只列一次，面积请合并 / list a resident once, with the sum of its areas")
        return roll


class ResultView(BaseModel):
    """What the count says."""

    ballots: int
    votes: dict[str, int]
    areas_dm2: dict[str, int]
    winners: list[str]
    tied: list[str]
    quorate: bool


class PollView(FormBody):
    """A poll, how many have voted by which channel, and its result once it is counted."""

    electors: int
    area_dm2: int
    turnout: dict[Channel, int]
    result: ResultView | None


class BallotBody(ResidentBody):
    """A ballot. `blind` is random text of the voter's own, so that no hash of the request can be guessed."""

    choices: Annotated[list[Key], Field(max_length=200)]
    blind: Annotated[str, Field(min_length=16, max_length=64, pattern=PRINTABLE)]


class TurnoutView(BaseModel):
    """That one has voted."""

    model_config = ConfigDict(from_attributes=True)

    motion_id: uuid.UUID
    channel: Channel
    voted_at: Moment


class CountedBallot(BaseModel):
    """A ballot as it was counted."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    choices: list[str]
    area_dm2: int


class Recount(PollView):
    """All that is needed to count again: the form, the roll's sums, and the ballots in random order."""

    papers: list[CountedBallot]


async def _view(session: Transaction, motion_id: uuid.UUID) -> PollView:
    motion = await find_motion(session, motion_id)
    poll = await find_poll(session, motion)
    if poll is None:
        raise NotAtThisStage(stage=motion.stage, needed="vote")
    roll = await find_roll(session, motion)
    form = {name: getattr(poll, name) for name in FormBody.model_fields}
    turnout = await count_turnout(session, motion)
    return PollView.model_validate(
        {**form, "electors": roll.heads, "area_dm2": roll.area_dm2, "turnout": turnout, "result": poll.result}
    )


@router.post(
    "/poll",
    status_code=201,
    summary="准备表决 / Prepare a poll",
    responses=problems.responses(MotionUnseen, OutOfScope, NotAtThisStage, FormInadmissible, PollTimesInadmissible),
)
async def prepare(session: Transaction, who: Caller, motion_id: uuid.UUID, body: PollBody) -> PollView:
    """Set a poll's form, time and roll while the motion is designed; sent again, it replaces them."""
    roll = {elector.resident_id: elector.area_dm2 for elector in body.roll}
    command = PreparePoll(motion_id, body.form(), body.opens_at, body.closes_at, roll, who, datetime.now(UTC))
    await prepare_poll(session, command)
    return await _view(session, motion_id)


@router.get("/poll", summary="表决情况 / A poll", responses=problems.responses(MotionUnseen, NotAtThisStage))
async def show(session: Transaction, _: Caller, motion_id: uuid.UUID) -> PollView:
    """Show a poll, its turnout, and its result once it is counted; nothing of how it stands before."""
    return await _view(session, motion_id)


@router.post(
    "/ballots",
    status_code=201,
    summary="投票 / Vote",
    responses=problems.responses(
        MotionUnseen,
        OutOfScope,
        ChannelNotAllowed,
        ConsentMissing,
        NotAtThisStage,
        PollNotOpen,
        BallotSpoilt,
        NotOnRoll,
        AlreadyVoted,
    ),
)
async def vote(session: Transaction, who: Caller, motion_id: uuid.UUID, body: BallotBody) -> TurnoutView:
    """Vote: a resident itself, or the desk for one who consented, from paper or at home. One ballot each."""
    command = Cast(motion_id, body.choices, body.on_behalf(), who, datetime.now(UTC))
    return TurnoutView.model_validate(await cast(session, command))


@router.post(
    "/count",
    status_code=201,
    summary="计票 / Count",
    responses=problems.responses(MotionUnseen, OutOfScope, NotAtThisStage, PollStillOpen),
)
async def count(session: Transaction, who: Caller, motion_id: uuid.UUID) -> PollView:
    """Count a poll that has closed; staff of the community may. Counting again changes nothing."""
    await count_votes(session, CountVotes(motion_id, who, datetime.now(UTC)))
    return await _view(session, motion_id)


@router.get(
    "/recount", summary="复核文件 / The recount file", responses=problems.responses(MotionUnseen, NotAtThisStage)
)
async def recount(session: Transaction, _: Caller, motion_id: uuid.UUID) -> Recount:
    """Give out the counted ballots, for anyone to count again; there are none before the count."""
    motion = await find_motion(session, motion_id)
    papers = [CountedBallot.model_validate(one) for one in await list_ballots(session, motion, Ballot)]
    return Recount(**(await _view(session, motion_id)).model_dump(), papers=papers)
