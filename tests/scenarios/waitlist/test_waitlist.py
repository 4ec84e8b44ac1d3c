"""Seats by category and party, and those who wait: held against an oracle, and under a crowd."""

import asyncio
import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from services.scenarios.activities.queries import find_activity
from services.scenarios.activities.sign_up import TakeSeat, sign_up
from services.scenarios.activities.tables import Activity
from services.scenarios.activities.withdraw import Withdraw, withdraw
from services.scenarios.communities.rules import CommunityUnknown
from services.scenarios.waitlist.accept_offer import AnswerOffer, accept_offer, decline_offer
from services.scenarios.waitlist.join_waitlist import JoinWaitlist, join_waitlist
from services.scenarios.waitlist.promote import promote
from services.scenarios.waitlist.queries import count_ahead, find_due, find_entry
from services.scenarios.waitlist.rules import OTHERS, OWN, EntryUnseen
from services.scenarios.waitlist.tables import WaitlistEntry
from shared.assistance import OnBehalf
from shared.database import Database
from shared.errors import Refusal
from shared.events.scenarios import WaitlistOffered
from shared.identity import Identity
from tests.scenarios.conftest import PublishActivityFor
from tests.scenarios.people import ACTIVITY, COMMUNITY, DESK, NEXT_COMMUNITY, NOW, at_desk, oneself, resident
from tests.scenarios.waitlist.oracle import CATEGORIES, Oracle, Party
from tests.told import told

STEPS = 100
CROWD = 32
MINUTE = timedelta(minutes=1)
CUT_OFF = ACTIVITY[0] - 20 * MINUTE
SUMS = text("""
    SELECT a.seats_taken = (SELECT coalesce(sum(party_size), 0) FROM sign_up WHERE state = 'seated')
                         + (SELECT coalesce(sum(party_size), 0) FROM waitlist_entry WHERE state = 'offered')
       AND a.seats_taken = (
           SELECT coalesce(sum(CAST(value AS bigint)), 0) FROM jsonb_each_text(a.taken) WHERE key <> 'assisted')
       AND coalesce(CAST(a.taken ->> 'assisted' AS bigint), 0) = (
           SELECT coalesce(sum(party_size), 0) FROM (
               SELECT party_size, channel FROM sign_up WHERE state = 'seated'
               UNION ALL SELECT party_size, channel FROM waitlist_entry WHERE state = 'offered') had
           WHERE channel NOT IN ('app', 'web', 'kiosk'))
       AND a.seats_taken BETWEEN 0 AND a.capacity
    FROM activity a
""")


def acting(who: uuid.UUID, category: str, home: str = COMMUNITY) -> tuple[str, OnBehalf, Identity]:
    """Return a party's category, and how its command comes: by itself, or through the desk."""
    category, _, assisted = category.partition("+")
    return (category, at_desk(who), DESK) if assisted else (category, oneself(who), resident(who, home))


@dataclass
class Client:
    """Gives commands to one activity, and remembers the entries."""

    database: Database
    activity: Activity
    entries: dict[uuid.UUID, tuple[uuid.UUID, str]] = field(default_factory=dict)

    async def sign_up(self, who: uuid.UUID, size: int, category: str, now: datetime) -> str:
        """Take seats."""
        category, on_behalf, by = acting(who, category)
        command = TakeSeat(self.activity.id, COMMUNITY, on_behalf, by, now, size, category)
        try:
            async with self.database.transaction() as session:
                return (await sign_up(session, command)).state
        except Refusal as refusal:
            return refusal.type

    async def join(self, party: Party, now: datetime) -> str:
        """Wait for seats."""
        home = COMMUNITY if party.priority == OWN else NEXT_COMMUNITY
        category, on_behalf, by = acting(party.who, party.category, home)
        command = JoinWaitlist(self.activity.id, home, on_behalf, party.size, category, by, now)
        try:
            async with self.database.transaction() as session:
                entry = await join_waitlist(session, command)
        except Refusal as refusal:
            return refusal.type
        self.entries[party.who] = entry.id, party.category
        return entry.state

    async def withdraw(self, who: uuid.UUID, now: datetime) -> str:
        """Give seats up."""
        try:
            async with self.database.transaction() as session:
                return (await withdraw(session, Withdraw(self.activity.id, oneself(who), resident(who), now))).state
        except Refusal as refusal:
            return refusal.type

    async def answer(self, who: uuid.UUID, now: datetime, *, accept: bool) -> str:
        """Accept an offer, or decline."""
        if who not in self.entries:
            return "no-offer"
        entry_id, category = self.entries[who]
        _, on_behalf, by = acting(who, category)
        command = AnswerOffer(entry_id, on_behalf.channel, on_behalf.consent, by, now)
        try:
            async with self.database.transaction() as session:
                return (await (accept_offer if accept else decline_offer)(session, command)).state
        except Refusal as refusal:
            return refusal.type

    async def sums_hold(self) -> bool:
        """Tell whether all counts agree."""
        async with self.database.transaction() as session:
            return bool(await session.scalar(SUMS))

    async def offered(self, now: datetime = NOW) -> set[uuid.UUID]:
        """Return who has an offer; a refused command has taken back what it let lapse, so let it lapse here."""
        async with self.database.transaction() as session:
            await promote(session, COMMUNITY, self.activity.id, now)
            entries = await session.scalars(select(WaitlistEntry).where(WaitlistEntry.state == "offered"))
            return {entry.resident_id for entry in entries}


async def step(client: Client, oracle: Oracle, chance: random.Random, now: datetime, people: list[uuid.UUID]) -> None:
    who, size, category = chance.choice(people), chance.choice((1, 1, 2, 3, 4)), chance.choice(CATEGORIES)
    match chance.choice(("sign_up", "join", "join", "withdraw", "accept", "accept", "decline")):
        case "sign_up":
            assert await client.sign_up(who, size, category, now) == oracle.sign_up(who, size, category, now)
        case "join":
            party = Party(who, size, category, chance.choice((OWN, OTHERS)))
            assert await client.join(party, now) == oracle.join(party, now)
        case "withdraw":
            assert await client.withdraw(who, now) == oracle.withdraw(who, now)
        case kind:
            accept = kind == "accept"
            assert await client.answer(who, now, accept=accept) == oracle.answer(who, now, accept=accept)
    assert await client.offered(now) == {party.who for party in oracle.queue if party.until}
    async with client.database.transaction() as session:
        activity = await find_activity(session, client.activity.id)
    assert (activity.seats_taken, activity.waiting) == (oracle.taken(), len(oracle.queue))
    assert await client.sums_hold()


@pytest.mark.proves("S4", "S5")
@pytest.mark.parametrize("seed", range(6))
async def test_random_commands_one_by_one_and_then_a_crowd_leave_what_the_oracle_says(
    database: Database, publish_for: PublishActivityFor, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    quotas = chance.choice(({}, {"elder": 3}, {"elder": 2, "child": 2}, {"elder": 2, "assisted": 2}))
    activity = await publish_for(8, quotas=quotas, waitlist_until=CUT_OFF, offer_minutes=10)
    client, oracle = Client(database, activity), Oracle(8, quotas, CUT_OFF, 10 * MINUTE)
    people = [uuid.UUID(int=chance.getrandbits(128)) for _ in range(12)]
    now = NOW
    for _ in range(STEPS):
        now += chance.choice((0, 0, 0, 1, 4)) * MINUTE / 3
        await step(client, oracle, chance, now, people)
    crowd = [uuid.uuid4() for _ in range(CROWD)]
    work = [client.sign_up(who, chance.choice((1, 2)), chance.choice(CATEGORIES), now) for who in crowd[::2]]
    work += [client.join(Party(who, chance.choice((1, 2)), "general", OWN), now) for who in crowd[1::2]]
    work += [client.withdraw(who, now) for who in people] + [client.answer(who, now, accept=True) for who in people]
    await asyncio.gather(*work)
    assert await client.sums_hold()


async def test_of_32_parties_of_two_at_once_none_takes_what_is_kept_for_elders(
    database: Database, publish_for: PublishActivityFor
) -> None:
    client = Client(database, await publish_for(21, quotas={"elder": 10}))
    outcomes = await asyncio.gather(*(client.sign_up(uuid.uuid4(), 2, "general", NOW) for _ in range(CROWD)))
    assert Counter(outcomes) == {"seated": 5, "activity-full": CROWD - 5}
    outcomes = await asyncio.gather(*(client.sign_up(uuid.uuid4(), 2, "elder", NOW) for _ in range(CROWD)))
    assert Counter(outcomes) == {"seated": 5, "activity-full": CROWD - 5}


async def test_what_is_kept_for_elders_is_anybodys_once_the_time_is_over(
    database: Database, publish_for: PublishActivityFor
) -> None:
    client = Client(database, await publish_for(4, quotas={"elder": 4}, quotas_until=NOW + MINUTE))
    assert await client.sign_up(uuid.uuid4(), 2, "general", NOW) == "activity-full"
    assert await client.sign_up(uuid.uuid4(), 2, "general", NOW + MINUTE) == "seated"


async def test_no_newcomer_gets_the_seat_that_came_free_before_those_who_wait(
    database: Database, publish_for: PublishActivityFor
) -> None:
    client = Client(database, await publish_for(1, offer_minutes=10))
    seated, first, second = (uuid.uuid4() for _ in range(3))
    assert await client.sign_up(seated, 1, "general", NOW) == "seated"
    assert await client.join(Party(first, 1, "general", OTHERS), NOW) == "waiting"
    assert await client.join(Party(second, 1, "general", OWN), NOW) == "waiting"
    given_up = client.withdraw(seated, NOW)
    newcomers = (client.sign_up(uuid.uuid4(), 1, "general", NOW) for _ in range(CROWD))
    outcome, *others = await asyncio.gather(given_up, *newcomers)
    assert (outcome, set(others)) == ("withdrawn", {"activity-full"})
    # The community's own resident comes first; unanswered, the offer passes on to the moment.
    assert await client.offered() == {second}
    assert len(await told(database, WaitlistOffered.type)) == 1
    late = NOW + 10 * MINUTE
    assert await client.answer(first, late - timedelta(microseconds=1), accept=True) == "no-offer"
    assert await client.answer(second, late, accept=True) == "no-offer"
    assert await client.offered(late) == {first}
    assert await client.answer(first, late, accept=True) == "accepted"


async def test_a_large_party_is_waited_for_and_smaller_ones_do_not_pass_it(
    database: Database, publish_for: PublishActivityFor
) -> None:
    client = Client(database, await publish_for(3))
    seated = [uuid.uuid4() for _ in range(3)]
    for who in seated:
        await client.sign_up(who, 1, "general", NOW)
    family, single = uuid.uuid4(), uuid.uuid4()
    await client.join(Party(family, 3, "general", OWN), NOW)
    await client.join(Party(single, 1, "general", OWN), NOW)
    for who in seated[:2]:
        await client.withdraw(who, NOW)
    assert await client.offered() == set()
    await client.withdraw(seated[2], NOW)
    assert await client.offered() == {family}
    assert await client.answer(family, NOW, accept=False) == "declined"
    assert await client.offered() == {single}


@pytest.mark.parametrize("accept", [True, False])
async def test_of_32_answers_to_one_offer_at_once_one_counts(
    database: Database, publish_for: PublishActivityFor, *, accept: bool
) -> None:
    client = Client(database, await publish_for(2))
    seated, waiting = uuid.uuid4(), uuid.uuid4()
    await client.sign_up(seated, 2, "general", NOW)
    await client.join(Party(waiting, 1, "general", OWN), NOW)
    await client.withdraw(seated, NOW)
    answers = (client.answer(waiting, NOW, accept=accept) for _ in range(CROWD))
    answered = Counter(await asyncio.gather(*answers))
    assert answered == {"accepted" if accept else "declined": 1, "no-offer": CROWD - 1}
    assert await client.sums_hold()


async def test_who_could_not_take_a_seat_does_not_wait_for_one(
    database: Database, publish_for: PublishActivityFor
) -> None:
    activity, who, nowhere = await publish_for(1), uuid.uuid4(), "330281999999"
    client = Client(database, activity)
    await client.sign_up(uuid.uuid4(), 1, "general", NOW)
    command = JoinWaitlist(activity.id, nowhere, oneself(who), 1, "general", resident(who, nowhere), NOW)
    async with database.transaction() as session:
        with pytest.raises(CommunityUnknown):
            await join_waitlist(session, command)


async def test_after_the_cut_off_free_seats_are_anybodys(database: Database, publish_for: PublishActivityFor) -> None:
    client = Client(database, await publish_for(1, waitlist_until=CUT_OFF))
    seated, waiting = uuid.uuid4(), uuid.uuid4()
    await client.sign_up(seated, 1, "general", NOW)
    await client.join(Party(waiting, 1, "general", OWN), NOW)
    await client.withdraw(seated, CUT_OFF)
    assert await client.offered(CUT_OFF) == set()
    assert await client.join(Party(uuid.uuid4(), 1, "general", OWN), CUT_OFF) == "waitlist-closed"
    assert await client.sign_up(uuid.uuid4(), 1, "general", CUT_OFF) == "seated"


async def test_the_worker_passes_lapsed_offers_on(database: Database, publish_for: PublishActivityFor) -> None:
    client = Client(database, await publish_for(1, offer_minutes=10))
    seated, first, second = (uuid.uuid4() for _ in range(3))
    await client.sign_up(seated, 1, "general", NOW)
    for who in (first, second):
        await client.join(Party(who, 1, "general", OWN), NOW)
    await client.withdraw(seated, NOW)
    late = NOW + 10 * MINUTE
    async with database.transaction() as session:
        assert await find_due(session, late - MINUTE) == []
        assert await find_due(session, late) == [(COMMUNITY, client.activity.id)]
        entry = await find_entry(session, client.entries[second][0], resident(second))
        assert await count_ahead(session, entry) == 1
        await promote(session, COMMUNITY, client.activity.id, late)
        with pytest.raises(EntryUnseen):
            await find_entry(session, client.entries[second][0], resident(first))
    assert await client.offered(late) == {second}
