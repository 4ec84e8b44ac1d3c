"""Help in the time bank: asked for and offered, come and left, confirmed by both sides, corrected with a trail."""

import asyncio
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.scenarios.timebank.agree_help import AgreeHelp, agree_help
from services.scenarios.timebank.consumers import note_pledged, note_posted
from services.scenarios.timebank.post_help import PostHelp, post_help, withdraw_help
from services.scenarios.timebank.propose_correction import (
    AgreeCorrection,
    ProposeCorrection,
    agree_correction,
    propose_correction,
)
from services.scenarios.timebank.queries import find_visit, list_posts, trail_of
from services.scenarios.timebank.rules import Side, StepKind
from services.scenarios.timebank.tables import HelpVisit
from services.scenarios.timebank.take_step import TakeStep, take_step
from shared.assistance import OnBehalf
from shared.database import Database
from shared.errors import Refusal
from shared.events.points import HelpPledged, HoursPosted
from shared.events.scenarios import HelpAgreed, HelpCancelled, HelpConfirmed
from shared.identity import Identity
from tests.ground import identity
from tests.scenarios.people import COMMUNITY, DESK, NEXT_DESK, NOW, OPERATOR, at_desk, oneself, resident
from tests.told import told

CROWD = 32
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
START = NOW + 2 * HOUR
GIVER, ELDER, RELATIVE, OTHER = (uuid.uuid4() for _ in range(4))
SECOND = identity("staff:second", ("official", COMMUNITY))


@dataclass
class Bank:
    """Gives commands for residents, and plays the points service's answers."""

    database: Database

    async def post(
        self,
        who: uuid.UUID,
        side: Side = "request",
        *,
        receiver: uuid.UUID | None = None,
        community_pays: bool = False,
        on_behalf: OnBehalf | None = None,
        by: Identity | None = None,
        starts_at: datetime = START,
    ) -> Any:  # noqa: ANN401 - an id, or the word of a refusal
        """Put up a request or an offer of 2 hours."""
        command = PostHelp(
            COMMUNITY,
            side,
            "陪诊",
            "去医院取药",
            starts_at,
            8,
            receiver,
            community_pays,
            on_behalf or oneself(who),
            by or resident(who),
            NOW,
        )
        return await self._run(post_help, command, lambda post: post.id)

    async def agree(self, post_id: uuid.UUID, who: uuid.UUID) -> Any:  # noqa: ANN401 - the same
        """Answer it."""
        return await self._run(agree_help, AgreeHelp(post_id, oneself(who), resident(who), NOW), lambda one: one.id)

    async def pledged(self, visit_id: uuid.UUID, reason: str | None = None) -> None:
        """Have the points service answer."""
        answer = HelpPledged(community_code=COMMUNITY, visit_id=visit_id, accepted=reason is None, reason=reason)
        async with self.database.transaction() as session:
            await note_pledged(session, answer)

    async def step(
        self,
        visit_id: uuid.UUID,
        step: StepKind,
        who: uuid.UUID,
        now: datetime = START,
        **more: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401 - the same
        """Take a step with the visit's code."""
        code = more.pop("code", (await self.visit(visit_id)).code)
        on_behalf, by = more.pop("on_behalf", oneself(who)), more.pop("by", resident(who))
        command = TakeStep(visit_id, step, on_behalf, by, now, code, **more)
        return await self._run(take_step, command, lambda visit: visit.state)

    async def propose(self, visit_id: uuid.UUID, quarters: int, by: Identity = OPERATOR) -> Any:  # noqa: ANN401
        """Propose a correction, and return its number."""
        asked = ProposeCorrection(visit_id, quarters, "签退时忘记操作", by, START)
        refused = await self._run(propose_correction, asked, lambda _: None)
        return refused or (await self.trail(visit_id))[-1][0]

    async def correct(self, visit_id: uuid.UUID, number: int, by: Identity = SECOND) -> Any:  # noqa: ANN401
        """Agree to one."""
        return await self._run(agree_correction, AgreeCorrection(visit_id, number, by, START), lambda one: one.quarters)

    async def visit(self, visit_id: uuid.UUID) -> HelpVisit:
        """Return it as staff see it."""
        async with self.database.transaction() as session:
            return await find_visit(session, visit_id, DESK)

    async def trail(self, visit_id: uuid.UUID) -> list[tuple[int, str]]:
        """Return its trail."""
        async with self.database.transaction() as session:
            visit = await find_visit(session, visit_id, DESK)
            return [(step.number, step.step) for step in await trail_of(session, visit)]

    async def under_way(self) -> uuid.UUID:
        """Return a visit of the giver to the elder whose hours are pledged."""
        visit_id: uuid.UUID = await self.agree(await self.post(ELDER), GIVER)
        await self.pledged(visit_id)
        return visit_id

    async def ended(self, minutes: int = 70) -> uuid.UUID:
        """Return one that took so many minutes."""
        visit_id = await self.under_way()
        assert await self.step(visit_id, "check-in", GIVER) == "started"
        assert await self.step(visit_id, "check-out", GIVER, START + minutes * MINUTE) == "ended"
        return visit_id

    async def _run(self, verb: Any, command: Any, answer: Any) -> Any:  # noqa: ANN401 - any of the verbs
        try:
            async with self.database.transaction() as session:
                return answer(await verb(session, command))
        except Refusal as refusal:
            return refusal.type


@pytest.fixture
def bank(database: Database) -> Bank:
    return Bank(database)


@pytest.mark.proves("P37")
async def test_a_request_is_answered_come_to_left_and_confirmed_by_both_sides(bank: Bank) -> None:
    visit_id = await bank.under_way()
    (asked,) = await told(bank.database, HelpAgreed.type)
    assert (asked["payer_id"], asked["receiver_id"], asked["quarters"]) == (str(ELDER), str(ELDER), 8)
    assert await bank.step(visit_id, "confirm", ELDER) == "help-elsewhere"
    assert await bank.step(visit_id, "check-in", GIVER, START - 61 * MINUTE) == "outside-visit-time"
    assert await bank.step(visit_id, "check-in", GIVER, START + 13 * HOUR) == "outside-visit-time"
    assert await bank.step(visit_id, "check-in", GIVER, code="WRONG") == "wrong-code"
    assert await bank.step(visit_id, "check-in", ELDER) == "help-unseen"  # who gets the help does not check in
    assert await bank.step(visit_id, "check-in", OTHER) == "help-unseen"
    assert await bank.step(visit_id, "check-in", GIVER) == "started"
    assert await bank.step(visit_id, "check-out", GIVER, START + 70 * MINUTE) == "ended"
    assert (await bank.visit(visit_id)).quarters == 4
    assert await bank.step(visit_id, "confirm", GIVER) == "ended"
    assert await told(bank.database, HelpConfirmed.type) == []
    assert await bank.step(visit_id, "confirm", ELDER) == "confirmed"
    (confirmed,) = await told(bank.database, HelpConfirmed.type)
    assert (confirmed["giver_id"], confirmed["payer_id"], confirmed["quarters"], confirmed["revision"]) == (
        str(GIVER), str(ELDER), 4, 0,
    )  # fmt: skip
    assert [step for _, step in await bank.trail(visit_id)] == [
        "agreed", "check-in:giver", "check-out:giver", "confirm:giver", "confirm:receiver",
    ]  # fmt: skip
    assert await bank.step(visit_id, "cancel", GIVER) == "help-elsewhere"


@pytest.mark.proves("P37")
async def test_an_offer_is_taken_up_and_counts_no_more_than_was_agreed(bank: Bank) -> None:
    offer = await bank.post(GIVER, "offer")
    async with bank.database.transaction() as session:
        found, _ = await list_posts(session, COMMUNITY, None, 10, NOW)
        assert [(post.id, post.side) for post in found] == [(offer, "offer")]
        assert await list_posts(session, COMMUNITY, None, 10, START) == ([], None)  # too late to take it up
    assert await bank.agree(offer, GIVER) == "own-help"
    visit_id = await bank.agree(offer, ELDER)
    assert await bank.step(visit_id, "check-in", GIVER) == "help-elsewhere"  # nothing is pledged yet
    await bank.pledged(visit_id)
    visit = await bank.visit(visit_id)
    assert (visit.giver_id, visit.receiver_id, visit.payer_id) == (GIVER, ELDER, ELDER)
    await bank.step(visit_id, "check-in", GIVER)
    await bank.step(visit_id, "check-out", GIVER, START + 5 * HOUR)
    assert (await bank.visit(visit_id)).quarters == 8


@pytest.mark.proves("P37")
async def test_help_for_a_relative_is_paid_by_who_asked_and_either_confirms(bank: Bank) -> None:
    post = await bank.post(ELDER, receiver=RELATIVE)
    assert await bank.agree(post, RELATIVE) == await bank.agree(post, ELDER) == "own-help"
    visit_id = await bank.agree(post, GIVER)
    (asked,) = await told(bank.database, HelpAgreed.type)
    assert (asked["payer_id"], asked["receiver_id"]) == (str(ELDER), str(RELATIVE))
    await bank.pledged(visit_id)
    await bank.step(visit_id, "check-in", GIVER)
    await bank.step(visit_id, "check-out", GIVER, START + 30 * MINUTE)
    await bank.step(visit_id, "confirm", GIVER)
    assert await bank.step(visit_id, "confirm", RELATIVE) == "confirmed"


async def test_a_request_whose_hours_cannot_be_pledged_is_open_again(bank: Bank) -> None:
    post = await bank.post(ELDER)
    visit_id = await bank.agree(post, GIVER)
    await bank.pledged(visit_id, "not-enough-points")
    await bank.pledged(visit_id)  # an answer to what is over
    visit = await bank.visit(visit_id)
    assert (visit.state, visit.reason) == ("refused", "not-enough-points")
    assert isinstance(await bank.agree(post, OTHER), uuid.UUID)


async def test_the_desk_asks_and_confirms_for_those_without_a_phone_and_may_have_the_community_pay(bank: Bank) -> None:
    assert await bank.post(ELDER, community_pays=True) == "out-of-scope"
    assert await bank.post(ELDER, on_behalf=at_desk(ELDER), by=NEXT_DESK) == "out-of-scope"
    post = await bank.post(ELDER, community_pays=True, on_behalf=at_desk(ELDER), by=DESK)
    visit_id = await bank.agree(post, GIVER)
    assert await told(bank.database, HelpAgreed.type) == []
    await bank.step(visit_id, "check-in", GIVER)
    await bank.step(visit_id, "check-out", GIVER, START + 30 * MINUTE)
    await bank.step(visit_id, "confirm", GIVER)
    assert await bank.step(visit_id, "confirm", ELDER, on_behalf=at_desk(ELDER), by=DESK) == "confirmed"
    (confirmed,) = await told(bank.database, HelpConfirmed.type)
    assert (confirmed["payer_id"], confirmed["quarters"]) == (None, 2)


async def test_what_is_not_answered_is_withdrawn_and_what_is_cancelled_frees_its_pledge(bank: Bank) -> None:
    post = await bank.post(ELDER)
    async with bank.database.transaction() as session:
        assert (await withdraw_help(session, post, oneself(ELDER), resident(ELDER))).state == "withdrawn"
    assert await bank.agree(post, GIVER) == "help-elsewhere"
    assert await bank.post(ELDER, starts_at=NOW) == "help-in-the-past"
    visit_id = await bank.under_way()
    assert await bank.step(visit_id, "cancel", ELDER, reason="改期") == "cancelled"
    (cancelled,) = await told(bank.database, HelpCancelled.type)
    assert (cancelled["visit_id"], cancelled["payer_id"]) == (str(visit_id), str(ELDER))
    assert await bank.step(visit_id, "check-in", GIVER) == "help-elsewhere"


@pytest.mark.proves("P37")
async def test_a_dispute_and_a_mistake_are_corrected_by_two_persons_and_nothing_is_lost_of_the_trail(
    bank: Bank,
) -> None:
    visit_id = await bank.ended()
    assert await bank.step(visit_id, "dispute", ELDER, reason="只来了半小时") == "disputed"
    assert await bank.step(visit_id, "confirm", GIVER) == "help-elsewhere"
    number = await bank.propose(visit_id, 2)
    assert await bank.correct(visit_id, number, OPERATOR) == "own-help-correction"
    assert (
        await bank.correct(visit_id, number, NEXT_DESK) == await bank.propose(visit_id, 2, NEXT_DESK) == "help-unseen"
    )
    assert await bank.correct(visit_id, 1) == "help-unseen"  # no proposal
    assert await bank.correct(visit_id, number) == 2
    later = await bank.propose(visit_id, 5)
    newest = await bank.propose(visit_id, 6)
    assert await bank.correct(visit_id, later) == await bank.correct(visit_id, number) == "help-elsewhere"
    assert await bank.correct(visit_id, newest) == 6
    counts = [(each["revision"], each["quarters"]) for each in await told(bank.database, HelpConfirmed.type)]
    assert counts == [(1, 2), (2, 6)]
    assert [step for _, step in await bank.trail(visit_id)] == [
        "agreed", "check-in:giver", "check-out:giver", "dispute:receiver", "correction-proposed", "corrected",
        "correction-proposed", "correction-proposed", "corrected",
    ]  # fmt: skip
    party = identity(f"resident:{GIVER}", ("desk", COMMUNITY))
    assert await bank.propose(visit_id, 8, party) == "own-help-correction"


async def test_what_the_book_says_of_the_latest_count_is_noted(bank: Bank) -> None:
    visit_id = await bank.ended()
    await bank.correct(visit_id, await bank.propose(visit_id, 2))
    for revision, reason in ((0, "not-enough-points"), (1, None)):
        answer = HoursPosted(
            community_code=COMMUNITY,
            visit_id=visit_id,
            revision=revision,
            accepted=reason is None,
            reason=reason,
            donated_quarters=0,
        )
        async with bank.database.transaction() as session:
            await note_posted(session, answer)
        assert (await bank.visit(visit_id)).posted == (None if reason else "done")


async def test_of_32_who_answer_a_request_at_once_one_is_meant(bank: Bank) -> None:
    post = await bank.post(ELDER)
    answers = await asyncio.gather(*(bank.agree(post, uuid.uuid4()) for _ in range(CROWD)))
    assert Counter(isinstance(answer, uuid.UUID) for answer in answers) == {True: 1, False: CROWD - 1}


async def test_of_32_steps_at_once_that_end_a_visit_one_does(bank: Bank) -> None:
    visit_id = await bank.ended()
    await bank.step(visit_id, "confirm", GIVER)
    steps = [bank.step(visit_id, "confirm" if each % 2 else "dispute", ELDER) for each in range(CROWD)]
    done = Counter(await asyncio.gather(*steps))
    assert done.pop("help-elsewhere") == CROWD - 1
    assert list(done) in (["confirmed"], ["disputed"])
    assert len(await told(bank.database, HelpConfirmed.type)) == done["confirmed"]
