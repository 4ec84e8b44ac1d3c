"""Seats that nobody comes to go to those who wait, and staying away has the same consequences as for a booking."""

import asyncio
import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from services.scenarios.activities.rules import ASSISTED
from services.scenarios.activities.sign_up import TakeSeat, sign_up
from services.scenarios.activities.tables import Activity, SignUp
from services.scenarios.arrivals.appeal import Appeal, DecideAppeal, appeal, decide_appeal
from services.scenarios.arrivals.arrive import Arrive, arrive
from services.scenarios.arrivals.exempt import Exempt, exempt
from services.scenarios.arrivals.leave import leave
from services.scenarios.arrivals.queries import find_unattended, list_no_shows
from services.scenarios.arrivals.release_missed import release_missed
from services.scenarios.arrivals.release_seats import release_seats
from services.scenarios.arrivals.rules import BookingLimited, Way
from services.scenarios.arrivals.set_policy import SetPolicy, set_policy
from services.scenarios.arrivals.tables import NoShow
from services.scenarios.attendance.check_in import check_in
from services.scenarios.attendance.queries import Attend
from services.scenarios.attendance.rules import AlreadyCheckedIn, NotSignedUp
from services.scenarios.attendance.tables import CheckIn
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.queries import find_standing
from services.scenarios.bookings.tables import Booking
from services.scenarios.spaces.tables import Space
from services.scenarios.waitlist.accept_offer import AnswerOffer, accept_offer
from services.scenarios.waitlist.join_waitlist import JoinWaitlist, join_waitlist
from services.scenarios.waitlist.tables import WaitlistEntry
from shared.database import Database
from shared.identity import Identity
from tests.scenarios.conftest import PublishActivityFor, PublishSpaceNamed
from tests.scenarios.people import ACTIVITY, COMMUNITY, DESK, NOW, OPERATOR, at_desk, clock, oneself, resident
from tests.told import told

START = ACTIVITY[0]
GRACE = timedelta(minutes=10)
DUE = START + GRACE


@pytest.fixture
async def class_of_two(publish_for: PublishActivityFor) -> Activity:
    """Two seats that are kept for ten minutes, and a waitlist open for half an hour more."""
    return await publish_for(2, grace_minutes=10, waitlist_until=START + timedelta(minutes=40), offer_minutes=10)


async def seat(database: Database, activity: Activity, one: uuid.UUID, now: datetime = NOW) -> SignUp:
    async with database.transaction() as session:
        return await sign_up(session, TakeSeat(activity.id, COMMUNITY, oneself(one), resident(one), now))


async def wait(database: Database, activity: Activity, one: uuid.UUID) -> uuid.UUID:
    command = JoinWaitlist(activity.id, COMMUNITY, oneself(one), 1, "general", resident(one), NOW)
    async with database.transaction() as session:
        return (await join_waitlist(session, command)).id


async def come(database: Database, activity: Activity, one: uuid.UUID, now: datetime) -> CheckIn:
    async with database.transaction() as session:
        return await check_in(session, Attend(activity.id, at_desk(one), None, None, DESK, now))


async def release(database: Database, activity: Activity, now: datetime) -> int:
    async with database.transaction() as session:
        return await release_seats(session, COMMUNITY, activity.id, now)


async def state_of(database: Database, entry_id: uuid.UUID) -> str:
    async with database.transaction() as session:
        return (await session.scalars(select(WaitlistEntry.state).where(WaitlistEntry.id == entry_id))).one()


async def test_a_seat_nobody_comes_to_is_offered_to_who_waits(database: Database, class_of_two: Activity) -> None:
    here, away, first, second = (uuid.uuid4() for _ in range(4))
    for one in (here, away):
        await seat(database, class_of_two, one)
    entries = [await wait(database, class_of_two, one) for one in (first, second)]
    await come(database, class_of_two, here, START)
    assert await release(database, class_of_two, DUE - timedelta(microseconds=1)) == 0
    async with database.transaction() as session:
        assert await find_unattended(session, DUE) == [(COMMUNITY, class_of_two.id)]
    assert await release(database, class_of_two, DUE) == 1
    assert [await state_of(database, entry) for entry in entries] == ["offered", "waiting"]
    (offer,) = await told(database, "scenarios.waitlist-offered.v1")
    assert offer["resident_id"] == str(first)
    async with database.transaction() as session:
        await accept_offer(session, AnswerOffer(entries[0], "app", None, resident(first), DUE + GRACE / 2))
    # Who got the seat late has as long from then on, and after that it passes on once more.
    assert await release(database, class_of_two, DUE + GRACE) == 0
    assert await release(database, class_of_two, DUE + 1.5 * GRACE) == 1
    assert await state_of(database, entries[1]) == "offered"
    with pytest.raises(NotSignedUp, match="the seat was released"):
        await come(database, class_of_two, away, DUE + 2 * GRACE)


async def test_without_a_grace_seats_are_kept(database: Database, publish_for: PublishActivityFor) -> None:
    activity = await publish_for(1)
    await seat(database, activity, uuid.uuid4())
    assert await release(database, activity, ACTIVITY[1]) == 0


async def test_who_comes_too_late_takes_a_seat_anew_while_there_are_any(
    database: Database, class_of_two: Activity
) -> None:
    late = uuid.uuid4()
    await seat(database, class_of_two, late)
    assert await release(database, class_of_two, DUE) == 1
    again = DUE + timedelta(minutes=1)
    await seat(database, class_of_two, late, again)
    await come(database, class_of_two, late, again)
    assert await release(database, class_of_two, again + GRACE) == 0
    async with database.transaction() as session:
        assert (await session.get_one(Activity, (COMMUNITY, class_of_two.id))).seats_taken == 1


async def test_missed_seats_count_and_are_appealed_and_exempt_as_bookings_are(
    database: Database, publish_for: PublishActivityFor
) -> None:
    one = uuid.uuid4()

    async def miss() -> None:
        activity = await publish_for(1, grace_minutes=10)
        await seat(database, activity, one)
        assert await release(database, activity, DUE) == 1

    async def missed() -> int:
        async with database.transaction() as session:
            return (await find_standing(session, COMMUNITY, one, DUE)).missed

    await miss()
    await miss()
    async with database.transaction() as session:
        latest = (await list_no_shows(session, COMMUNITY, one))[0]
        await appeal(session, Appeal(latest.id, "送老人去医院", resident(one), DUE))
        await decide_appeal(session, DecideAppeal(latest.id, upheld=True, by=DESK, now=DUE))
        await exempt(session, Exempt(COMMUNITY, one, clock(3, 0), "住院证明 12", DESK))
    assert await missed() == 1
    await miss()
    assert await missed() == 1


@pytest.mark.parametrize("assisted", [False, True])
async def test_the_last_moment_and_the_release_of_a_seat_do_not_pass_each_other(
    database: Database, publish_for: PublishActivityFor, *, assisted: bool
) -> None:
    for _ in range(4):
        activity = await publish_for(1, grace_minutes=10)
        one = uuid.uuid4()
        on_behalf, by = (at_desk(one), DESK) if assisted else (oneself(one), resident(one))
        async with database.transaction() as session:
            await sign_up(session, TakeSeat(activity.id, COMMUNITY, on_behalf, by, NOW))
        outcomes = await asyncio.gather(
            *(release(database, activity, DUE) for _ in range(16)),
            *(come(database, activity, one, DUE) for _ in range(16)),
            return_exceptions=True,
        )
        came = sum(isinstance(outcome, CheckIn) for outcome in outcomes)
        missed = sum(outcome for outcome in outcomes if isinstance(outcome, int))
        assert came + missed == 1
        refused = sum(isinstance(outcome, AlreadyCheckedIn | NotSignedUp) for outcome in outcomes)
        assert came + refused == 16
        async with database.transaction() as session:
            seats = await session.get_one(Activity, (COMMUNITY, activity.id))
            assert (seats.seats_taken, seats.taken.get(ASSISTED, 0)) == (came, came * assisted)
            shows = select(func.count()).where(NoShow.activity_id == activity.id)
            assert await session.scalar(shows) == missed


async def booked(database: Database, hall: Space, person: uuid.UUID, start: datetime, now: datetime = NOW) -> Booking:
    period = start, start + timedelta(hours=1)
    async with database.transaction() as session:
        return await book(session, Book(hall.id, period, oneself(person), resident(person), now))


async def miss_rooms(database: Database, hall: Space, person: uuid.UUID) -> Booking:
    """Miss two bookings after a missed seat: after the warning come a week and a month, each of which ends."""
    missed = [await booked(database, hall, person, clock(2, hour)) for hour in (9, 11)]
    for booking, days in zip(missed, (7, 30), strict=True):
        at = booking.starts_at + timedelta(minutes=15)
        async with database.transaction() as session:
            assert await release_missed(session, at) == 1
            standing = await find_standing(session, COMMUNITY, person, at)
        assert standing.limited_until == at + timedelta(days=days)
    over = clock(2, 11, 15) + timedelta(days=30)
    with pytest.raises(BookingLimited):
        await booked(database, hall, person, over + timedelta(days=1), over - timedelta(seconds=1))
    return missed[1]


async def come_in_each_way(database: Database, hall: Space, person: uuid.UUID) -> None:
    """Check in by the code at the door, at the desk and by name, and out again."""
    async with database.transaction() as session:
        code = (await set_policy(session, SetPolicy(hall.id, 15, OPERATOR, NOW))).code
    ways: tuple[tuple[Way, Identity, str | None], ...] = (
        ("qr", resident(person), code), ("desk", DESK, None), ("name", DESK, None),
    )  # fmt: skip
    for hour, (way, by, shown) in zip((9, 11, 13), ways, strict=True):
        booking = await booked(database, hall, person, clock(1, hour))
        async with database.transaction() as session:
            await arrive(session, Arrive(booking.id, way, 2, shown, by, clock(1, hour)))
            assert (await leave(session, booking.id, by, clock(1, hour, 45))).left_at == clock(1, hour, 45)


@pytest.mark.proves("S6")
async def test_who_comes_is_counted_and_who_stays_away_makes_room_and_is_limited_for_a_while(
    database: Database, publish_for: PublishActivityFor, publish_named: PublishSpaceNamed
) -> None:
    hall, person = await publish_named("议事厅"), uuid.uuid4()
    await come_in_each_way(database, hall, person)
    lesson = await publish_for(1, grace_minutes=10, waitlist_until=clock(1, 10))
    await seat(database, lesson, person)
    waiting = await wait(database, lesson, uuid.uuid4())
    assert await release(database, lesson, DUE) == 1
    assert await state_of(database, waiting) == "offered"
    missed = await miss_rooms(database, hall, person)
    async with database.transaction() as session:
        await appeal(session, Appeal(missed.id, "送老人去医院", resident(person), clock(3, 9)))
        await decide_appeal(session, DecideAppeal(missed.id, upheld=True, by=DESK, now=clock(3, 9)))
        assert (await find_standing(session, COMMUNITY, person, clock(3, 9))).missed == 2
        await exempt(session, Exempt(COMMUNITY, person, clock(20, 0), "住院证明 12", DESK))
    excused = await booked(database, hall, person, clock(11, 14), clock(10, 9))  # the week has passed
    async with database.transaction() as session:
        assert await release_missed(session, clock(11, 14, 15)) == 1
        reasons = {each.id: each.excused_because for each in await list_no_shows(session, COMMUNITY, person)}
        assert (reasons[missed.id], reasons[excused.id]) == ("appeal", "exempt")
        assert (await find_standing(session, COMMUNITY, person, clock(11, 15))).missed == 2
        assert (await find_standing(session, COMMUNITY, person, clock(3, 9) + timedelta(days=90))).missed == 0
