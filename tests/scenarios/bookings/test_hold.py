"""Holds that end on time, requests that keep the slot, and decisions that are taken once."""

import asyncio
import uuid
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from services.scenarios.availability.queries import find_free
from services.scenarios.availability.rules import SlotTaken
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.cancel import Cancel, cancel
from services.scenarios.bookings.confirm import Confirm, confirm
from services.scenarios.bookings.decide import Decide, decide
from services.scenarios.bookings.queries import find_booking
from services.scenarios.bookings.rules import HOLD, BookingElsewhere, BookingLapsed, BookingUnseen, state_at
from services.scenarios.bookings.tables import Booking, Decision
from services.scenarios.claims.tables import Claim
from services.scenarios.spaces.publish_space import PublishSpace, publish_space
from services.scenarios.spaces.rules import Terms
from services.scenarios.spaces.tables import Space
from shared.assistance import ConsentMissing
from shared.clock import Period
from shared.database import Database
from shared.errors import Conflict, OutOfScope
from shared.events.scenarios import BookingCancelled, BookingConfirmed
from tests.scenarios.conftest import PublishSpaceNamed, until_one_waits
from tests.scenarios.people import COMMUNITY, DESK, NEXT_DESK, NOW, OPERATOR, clock, oneself, resident
from tests.told import told

NINE: Period = (clock(1, 9), clock(1, 10))
CROWD = 32
MOMENT = timedelta(microseconds=1)


async def ask(database: Database, space: Space, now: datetime = NOW, *, hold: bool = False) -> Booking | None:
    who = uuid.uuid4()
    try:
        async with database.transaction() as session:
            return await book(session, Book(space.id, NINE, oneself(who), resident(who), now, hold))
    except SlotTaken:
        return None


async def hold(database: Database, space: Space, now: datetime = NOW) -> Booking:
    held = await ask(database, space, now, hold=True)
    assert held
    return held


def keep(booking: Booking, now: datetime = NOW) -> Confirm:
    return Confirm(booking.id, "app", None, resident(booking.resident_id), now)


async def attempt(database: Database, command: Confirm | Decide | Cancel) -> str:
    try:
        async with database.transaction() as session:
            if isinstance(command, Confirm):
                return (await confirm(session, command)).state
            if isinstance(command, Decide):
                return (await decide(session, command)).state
            return (await cancel(session, command)).state
    except Conflict as refusal:
        return refusal.type


@pytest.fixture
async def room(publish_named: PublishSpaceNamed) -> Space:
    return await publish_named("会议室")


@pytest.fixture
async def supervised(database: Database, terms: Terms) -> Space:
    command = PublishSpace(COMMUNITY, "展厅", replace(terms, approval_required=True), OPERATOR, NOW)
    async with database.transaction() as session:
        return await publish_space(session, command)


async def test_a_hold_keeps_others_out_to_the_last_moment_and_not_a_moment_longer(
    database: Database, room: Space
) -> None:
    held = await hold(database, room)
    assert (held.state, held.expires_at) == ("held", NOW + HOLD)
    assert await ask(database, room, NOW + HOLD - MOMENT) is None
    async with database.transaction() as session:
        before = await find_free(session, room.id, (clock(1, 9), clock(1, 10)), NOW + HOLD - MOMENT)
        after = await find_free(session, room.id, (clock(1, 9), clock(1, 10)), NOW + HOLD)
    assert (before, after) == ([], [NINE])
    assert await ask(database, room, NOW + HOLD)
    assert state_at(held.state, held.expires_at, NOW + HOLD) == "lapsed"
    assert len(await told(database, BookingConfirmed.type)) == 1, "of a hold nothing is told"


@pytest.mark.proves("S3")
async def test_holds_and_requests_under_races(database: Database, room: Space, supervised: Space) -> None:
    # A hold ends exactly: at its last moment 32 others want the slot, and its own resident confirms with them.
    held = await hold(database, room)
    end = NOW + HOLD
    assert {await ask(database, room, end - MOMENT) for _ in range(3)} == {None}
    late = attempt(database, keep(held, end - MOMENT))
    outcome, *others = await asyncio.gather(late, *(ask(database, room, end) for _ in range(CROWD)))
    winners = [one for one in others if one]
    assert len(winners) == (outcome != "confirmed")
    assert outcome in {"confirmed", "booking-lapsed"}
    async with database.transaction() as session:
        standing = select(func.count()).select_from(Claim).where(Claim.state == "taken")
        assert await session.scalar(standing) == 1
    # A pending request holds its slot; of 32 who decide on it or give it up, one does.
    requested = await ask(database, supervised)
    assert requested
    assert (requested.state, requested.expires_at) == ("requested", NINE[0])
    assert await ask(database, supervised) is None
    decisions: list[Decide | Cancel] = [
        Decide(requested.id, n % 2 == 0, "理由", OPERATOR, NOW) for n in range(CROWD - 1)
    ]
    decisions.append(Cancel(requested.id, "app", None, resident(requested.resident_id), NOW))
    outcomes = Counter(await asyncio.gather(*(attempt(database, command) for command in decisions)))
    decided = {"confirmed", "declined", "cancelled"} & outcomes.keys()
    assert sum(outcomes[one] for one in decided) in {1, 2}, "an approved booking may still be given up"
    assert sum(outcomes.values()) == CROWD
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Decision)) == (decided != {"cancelled"})
        now_is = (await find_booking(session, requested.id, OPERATOR)).state
    assert (await ask(database, supervised) is None) == (now_is == "confirmed")


async def test_what_is_given_up_just_when_it_is_approved_is_told_as_cancelled(
    database: Database, supervised: Space
) -> None:
    requested = await ask(database, supervised)
    assert requested
    async with database.transaction() as session:
        await decide(session, Decide(requested.id, True, "理由", OPERATOR, NOW))  # noqa: FBT003 - approved
        given_up = Cancel(requested.id, "app", None, resident(requested.resident_id), NOW)
        giving_up = asyncio.create_task(attempt(database, given_up))
        await until_one_waits(database)
    assert await giving_up == "cancelled"
    assert len(await told(database, BookingConfirmed.type)) == len(await told(database, BookingCancelled.type)) == 1


async def test_a_hold_that_is_confirmed_stands_for_good_and_is_told(database: Database, room: Space) -> None:
    held = await hold(database, room)
    assert await attempt(database, keep(held)) == "confirmed"
    assert await ask(database, room, NOW + 2 * HOLD) is None
    (data,) = await told(database, BookingConfirmed.type)
    assert BookingConfirmed.model_validate(data).booking_id == held.id
    assert await attempt(database, keep(held)) == "booking-state"


async def test_a_hold_that_has_lapsed_cannot_be_confirmed_nor_cancelled(database: Database, room: Space) -> None:
    held = await hold(database, room)
    assert await attempt(database, keep(held, NOW + HOLD)) == BookingLapsed.type
    give_up = Cancel(held.id, "app", None, resident(held.resident_id), NOW + HOLD)
    assert await attempt(database, give_up) == BookingLapsed.type


async def test_whoever_took_the_slot_of_a_lapsed_hold_keeps_it_from_a_slow_clock(
    database: Database, room: Space
) -> None:
    held = await hold(database, room)
    assert await ask(database, room, NOW + HOLD)
    assert await attempt(database, keep(held, NOW + HOLD - MOMENT)) == BookingLapsed.type


async def test_a_hold_never_outlasts_the_start(database: Database, room: Space) -> None:
    held = await hold(database, room, NINE[0] - timedelta(minutes=3))
    assert held.expires_at == NINE[0]


async def test_of_a_thousand_lapsed_holds_none_is_in_the_way(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    left, right = await publish_named("东厅"), await publish_named("西厅")
    hall = await publish_named("礼堂", left, right)
    for n in range(3):
        await hold(database, left, NOW + n * HOLD)
        await hold(database, right, NOW + n * HOLD)
    assert await ask(database, hall, NOW + 3 * HOLD - MOMENT) is None
    assert await ask(database, hall, NOW + 3 * HOLD)


async def test_a_request_is_approved_told_and_recorded_and_a_declined_one_frees_its_slot(
    database: Database, supervised: Space
) -> None:
    first = await ask(database, supervised)
    assert first
    assert (
        await attempt(database, Decide(first.id, approved=False, reason="场地检修", by=OPERATOR, now=NOW)) == "declined"
    )
    second = await ask(database, supervised)
    assert second
    assert await attempt(database, Decide(second.id, approved=True, reason="同意", by=DESK, now=NOW)) == "confirmed"
    (data,) = await told(database, BookingConfirmed.type)
    assert data["booking_id"] == str(second.id)
    async with database.transaction() as session:
        kept = await session.get_one(Decision, (COMMUNITY, first.id))
    assert (kept.approved, kept.reason, kept.decided_by) == (False, "场地检修", OPERATOR.subject)
    assert await attempt(database, Decide(second.id, approved=False, reason="改", by=DESK, now=NOW)) == "booking-state"


async def test_a_held_booking_of_a_supervised_space_is_requested_when_confirmed(
    database: Database, supervised: Space
) -> None:
    held = await hold(database, supervised)
    assert await attempt(database, keep(held)) == "requested"
    late = Decide(held.id, approved=True, reason="同意", by=OPERATOR, now=NINE[0])
    assert await attempt(database, late) == BookingLapsed.type


async def test_what_was_never_confirmed_is_not_told_when_it_is_cancelled(database: Database, room: Space) -> None:
    held = await hold(database, room)
    assert await attempt(database, Cancel(held.id, "app", None, resident(held.resident_id), NOW)) == "cancelled"
    assert await told(database, BookingCancelled.type) == []


async def test_refusals_to_confirm_and_to_decide(database: Database, room: Space, supervised: Space) -> None:
    held = await hold(database, room)
    requested = await ask(database, supervised)
    assert requested
    async with database.transaction() as session:
        with pytest.raises(BookingUnseen):
            await confirm(session, replace(keep(held), by=resident(uuid.uuid4())))
        with pytest.raises(ConsentMissing):
            await confirm(session, replace(keep(held), by=DESK, channel="desk"))
        with pytest.raises(OutOfScope):
            await decide(session, Decide(requested.id, True, "同意", resident(requested.resident_id), NOW))  # noqa: FBT003
        with pytest.raises(BookingUnseen):
            await decide(session, Decide(requested.id, True, "同意", NEXT_DESK, NOW))  # noqa: FBT003
        with pytest.raises(BookingElsewhere):
            await confirm(session, keep(requested))
