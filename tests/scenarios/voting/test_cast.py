"""One ballot each by whichever channel, secret apart from turnout, counted once and counted again by anyone."""

import asyncio
import random
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.scenarios.motions.advance_motion import AdvanceMotion, advance_motion
from services.scenarios.motions.answer import GiveAnswer, answer
from services.scenarios.motions.contribute import Contribute, contribute
from services.scenarios.motions.open_motion import OpenMotion, open_motion
from services.scenarios.motions.queries import find_motion
from services.scenarios.motions.rules import (
    AlreadyVoted,
    AnswersOwed,
    MotionStage,
    NotAtThisStage,
    NotOnRoll,
    PollNotOpen,
    PollStillOpen,
    StageUnfinished,
)
from services.scenarios.motions.tables import Motion
from services.scenarios.voting.cast import Cast, cast
from services.scenarios.voting.count_votes import CountVotes, count_votes
from services.scenarios.voting.prepare_poll import PreparePoll, prepare_poll
from services.scenarios.voting.queries import count_turnout, find_poll, find_roll, list_ballots, papers_of
from services.scenarios.voting.rules import ABSTAIN, NO, YES, Form, Option, tally
from services.scenarios.voting.tables import Ballot, CastBallot, Poll, Turnout
from shared.assistance import Channel, ConsentMissing, OnBehalf
from shared.database import Database
from shared.errors import OutOfScope
from shared.identity import Identity
from tests.scenarios.conftest import CLIENTS
from tests.scenarios.people import COMMUNITY, DESK, NEXT_DESK, NOW, OPERATOR, at_desk, oneself, resident

OPENS, CLOSES = NOW + timedelta(days=1), NOW + timedelta(days=8)
DURING, AFTER = OPENS + timedelta(hours=1), CLOSES
DECISION = Form("decision", ())


async def opened(database: Database) -> Motion:
    async with database.transaction() as session:
        return await open_motion(session, OpenMotion(COMMUNITY, "电梯加装", "三幢加装电梯", OPERATOR))


async def say(database: Database, motion: Motion, resident_id: uuid.UUID, now: datetime = NOW) -> uuid.UUID:
    who = resident(resident_id)
    async with database.transaction() as session:
        said = await contribute(
            session, Contribute(motion.id, "希望低层住户不分摊", {"照片": "12"}, oneself(resident_id), who, now)
        )
    return said.id


async def reply(database: Database, motion: Motion, contribution_id: uuid.UUID) -> None:
    async with database.transaction() as session:
        await answer(session, GiveAnswer(motion.id, contribution_id, "一层不分摊，二层半价", DESK, NOW))


async def end(database: Database, motion: Motion, stage: MotionStage, now: datetime = NOW) -> str:
    async with database.transaction() as session:
        command = AdvanceMotion(motion.id, stage, "会议纪要", {"纪要": "2027-8"}, OPERATOR, now)
        return (await advance_motion(session, command)).stage


async def heard(database: Database, motion: Motion, stage: MotionStage, now: datetime = NOW) -> str:
    """Let a resident speak, answer it, and end the stage."""
    await reply(database, motion, await say(database, motion, uuid.uuid4(), now))
    return await end(database, motion, stage, now)


async def at_vote(database: Database, form: Form, roll: dict[uuid.UUID, int]) -> Motion:
    motion = await opened(database)
    await heard(database, motion, "wishes")
    async with database.transaction() as session:
        await prepare_poll(session, PreparePoll(motion.id, form, OPENS, CLOSES, roll, OPERATOR, NOW))
    await end(database, motion, "design")
    return motion


async def vote(
    database: Database, motion: Motion, choices: list[str], on_behalf: OnBehalf, *, now: datetime = DURING
) -> Turnout:
    who = DESK if on_behalf.consent else resident(on_behalf.resident_id)
    async with database.transaction() as session:
        return await cast(session, Cast(motion.id, choices, on_behalf, who, now))


async def count(database: Database, motion: Motion, now: datetime = AFTER) -> Poll:
    async with database.transaction() as session:
        return await count_votes(session, CountVotes(motion.id, OPERATOR, now))


async def voted(database: Database, motion: Motion) -> dict[str, Any]:
    async with database.transaction() as session:
        poll = await find_poll(session, await find_motion(session, motion.id))
        assert poll is not None
        assert poll.result is not None
        return poll.result


def people(count: int) -> dict[uuid.UUID, int]:
    chance = random.Random(278)  # noqa: S311 - areas, not secrets
    return {uuid.uuid4(): chance.randint(4_000, 16_000) for _ in range(count)}


@pytest.mark.proves("S16")
async def test_five_stages_in_which_everyone_has_one_secret_ballot_and_is_answered(database: Database) -> None:
    roll = people(12)
    motion = await opened(database)
    with pytest.raises(StageUnfinished):
        await end(database, motion, "wishes")
    said = await say(database, motion, next(iter(roll)))
    with pytest.raises(AnswersOwed):
        await end(database, motion, "wishes")
    await reply(database, motion, said)
    assert await end(database, motion, "wishes") == "design"
    with pytest.raises(StageUnfinished):
        await end(database, motion, "design")
    async with database.transaction() as session:
        await prepare_poll(session, PreparePoll(motion.id, DECISION, OPENS, CLOSES, roll, OPERATOR, NOW))
    assert await end(database, motion, "design") == "vote"

    channels: list[Channel] = ["web", "app", "desk", "paper", "visit", "phone"]
    for number, one in enumerate(list(roll)[:10]):  # by six channels, into one urn
        channel = channels[number % 6]
        on_behalf = oneself(one, channel) if channel in ("web", "app") else at_desk(one, channel)
        await vote(database, motion, [YES if number < 9 else NO], on_behalf)
        with pytest.raises(AlreadyVoted):
            await vote(database, motion, [NO], at_desk(one, "paper"))
    with pytest.raises(PollStillOpen):
        await count(database, motion, CLOSES - timedelta(seconds=1))
    result = (await count(database, motion)).result
    assert result == (await count(database, motion)).result == await voted(database, motion)
    assert result["votes"] == {YES: 9, NO: 1, ABSTAIN: 0}
    assert sum(result["areas_dm2"].values()) == sum(list(roll.values())[:10])
    assert (result["winners"], result["quorate"]) == ([YES], True)

    async with database.transaction() as session:
        assert sum((await count_turnout(session, motion)).values()) == 10
        papers = papers_of(await list_ballots(session, motion, Ballot))
        assert tally(DECISION, papers, await find_roll(session, motion)).record() == result
        assert await list_ballots(session, motion, CastBallot) == []
    assert await end(database, motion, "vote", AFTER) == "supervision"
    assert await heard(database, motion, "supervision", AFTER) == "acceptance"
    assert await heard(database, motion, "acceptance", AFTER) == "closed"


async def test_what_the_database_keeps_of_a_ballot_does_not_tell_whose_it_is(database: Database) -> None:
    roll = people(6)
    motion = await at_vote(database, Form("approval", (Option("a"), Option("b")), 1), roll)
    for number, one in enumerate(roll):
        await vote(database, motion, ["a"] if number % 2 else ["b"], oneself(one, "web"))
    async with database.transaction() as session:
        shared = await session.scalars(
            text("""SELECT a.column_name FROM information_schema.columns a JOIN information_schema.columns b
                    USING (column_name) WHERE a.table_name = 'ballot' AND b.table_name = 'turnout'""")
        )
        assert set(shared) == {"community_code", "motion_id"}
        areas = await session.scalars(text("SELECT DISTINCT area_dm2 FROM cast_ballot"))
        assert list(areas) == [0]  # but for a decision of owners, no area either
    await count(database, motion)
    async with database.transaction() as session:
        transactions = await session.scalars(text("SELECT DISTINCT xmin::text FROM ballot"))
        assert len(list(transactions)) == 1  # nor the transaction in which it was cast


async def test_a_rush_of_one_resident_over_all_channels_is_one_ballot(database: Database) -> None:
    roll = people(4)
    one = next(iter(roll))
    motion = await at_vote(database, DECISION, roll)
    ways = [oneself(one, "app"), oneself(one, "web"), at_desk(one, "phone"), at_desk(one, "paper")]
    tried = await asyncio.gather(
        *(vote(database, motion, [YES], way) for way in ways * 12), return_exceptions=True
    )  # 48 at once
    assert len([won for won in tried if isinstance(won, Turnout)]) == 1
    assert len([lost for lost in tried if isinstance(lost, AlreadyVoted)]) == len(tried) - 1
    result = (await count(database, motion)).result
    assert result is not None
    assert result["ballots"] == 1


async def test_everybody_at_once_and_the_count_are_in_step(database: Database) -> None:
    roll = people(2 * CLIENTS)
    motion = await at_vote(database, DECISION, roll)
    tried = await asyncio.gather(
        *(vote(database, motion, [YES], oneself(one, "app")) for one in roll),
        *(count(database, motion) for _ in range(4)),
        return_exceptions=True,
    )
    cast_votes = [won for won in tried if isinstance(won, Turnout)]
    late = [lost for lost in tried if isinstance(lost, PollNotOpen)]
    assert len(cast_votes) + len(late) == len(roll)
    assert (await voted(database, motion))["ballots"] == len(cast_votes)


async def test_a_vote_that_decides_nothing_ends_the_motion(database: Database) -> None:
    roll = people(3)
    motion = await at_vote(database, DECISION, roll)
    for one in roll:
        await vote(database, motion, [NO], oneself(one, "app"))
    await count(database, motion)
    assert await end(database, motion, "vote", AFTER) == "closed"
    with pytest.raises(NotAtThisStage):
        await say(database, motion, next(iter(roll)))


async def test_who_may_not_vote_is_refused(database: Database) -> None:
    roll = people(3)
    one = next(iter(roll))
    motion = await at_vote(database, DECISION, roll)
    with pytest.raises(NotOnRoll):
        await vote(database, motion, [YES], oneself(uuid.uuid4(), "app"))
    with pytest.raises(PollNotOpen):
        await vote(database, motion, [YES], oneself(one, "app"), now=OPENS - timedelta(seconds=1))
    with pytest.raises(PollNotOpen):
        await vote(database, motion, [YES], oneself(one, "app"), now=CLOSES)
    async with database.transaction() as session:
        with pytest.raises(OutOfScope):
            await cast(session, Cast(motion.id, [YES], oneself(one, "app"), resident(uuid.uuid4()), DURING))
        with pytest.raises(ConsentMissing):
            await cast(session, Cast(motion.id, [YES], oneself(one, "paper"), DESK, DURING))
        with pytest.raises(OutOfScope):
            await cast(session, Cast(motion.id, [YES], at_desk(one, "paper"), NEXT_DESK, DURING))


async def test_a_poll_is_replaced_while_it_is_designed_and_not_after(database: Database) -> None:
    motion = await opened(database)
    first, second = people(3), people(4)

    async def prepare(roll: dict[uuid.UUID, int], by: Identity = OPERATOR) -> None:
        async with database.transaction() as session:
            await prepare_poll(session, PreparePoll(motion.id, DECISION, OPENS, CLOSES, roll, by, NOW))

    with pytest.raises(NotAtThisStage):
        await prepare(first)
    await heard(database, motion, "wishes")
    await prepare(first)
    await prepare(second)
    with pytest.raises(OutOfScope):
        await prepare(second, NEXT_DESK)
    async with database.transaction() as session:
        assert (await find_roll(session, motion)).heads == 4
    await end(database, motion, "design")
    with pytest.raises(NotAtThisStage):
        await prepare(first)


async def test_two_who_end_a_stage_end_it_once(database: Database) -> None:
    motion = await opened(database)
    await reply(database, motion, await say(database, motion, uuid.uuid4()))
    tried = await asyncio.gather(*(end(database, motion, "wishes") for _ in range(CLIENTS + 8)), return_exceptions=True)
    assert tried.count("design") == 1
    assert len([lost for lost in tried if isinstance(lost, NotAtThisStage)]) == len(tried) - 1


async def test_the_database_itself_takes_no_second_turnout(database: Database) -> None:
    roll = people(1)
    one = next(iter(roll))
    motion = await at_vote(database, DECISION, roll)
    await vote(database, motion, [YES], at_desk(one))
    with pytest.raises(IntegrityError):
        async with database.transaction() as session:
            session.add(
                Turnout(
                    community_code=COMMUNITY, motion_id=motion.id, resident_id=one, voted_at=DURING,
                    channel="app", given_by="resident:x",
                )
            )  # fmt: skip
