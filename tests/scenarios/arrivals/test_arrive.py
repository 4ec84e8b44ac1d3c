"""Who comes is counted; what nobody comes to is free again; who stays away may not book for a while."""

import asyncio
import uuid
from datetime import datetime, timedelta

import pytest

from services.scenarios.arrivals.appeal import Appeal, DecideAppeal, appeal, decide_appeal
from services.scenarios.arrivals.arrive import Arrive, arrive
from services.scenarios.arrivals.exempt import Exempt, exempt
from services.scenarios.arrivals.leave import leave
from services.scenarios.arrivals.queries import list_day
from services.scenarios.arrivals.release_missed import release_missed
from services.scenarios.arrivals.rules import (
    AlreadyArrived,
    AppealElsewhere,
    BookingLimited,
    NoCheckIn,
    NoShowUnseen,
    NotArrived,
    OutsideArrival,
    SlotReleased,
    Way,
)
from services.scenarios.arrivals.set_policy import SetPolicy, set_policy
from services.scenarios.arrivals.tables import Arrival, CheckInPolicy
from services.scenarios.attendance.rules import WrongCode
from services.scenarios.bookings.book import Book, book
from services.scenarios.bookings.queries import find_standing
from services.scenarios.bookings.rules import BookingUnseen
from services.scenarios.bookings.tables import Booking
from services.scenarios.spaces.tables import Space
from services.scenarios.vacancy.queries import measure_space
from services.scenarios.vacancy.rules import Profile
from services.scenarios.vacancy.set_profile import SetProfile, set_profile
from shared.database import Database
from shared.errors import OutOfScope
from shared.identity import Identity
from tests.ground import identity
from tests.scenarios.conftest import PublishSpaceNamed
from tests.scenarios.people import COMMUNITY, DESK, NEXT_DESK, NOW, OPERATOR, clock, oneself, resident
from tests.told import told

ONE = uuid.uuid4()
DEVICE = identity("device:door", ("device", COMMUNITY))
GRACE = timedelta(minutes=15)


@pytest.fixture
async def hall(database: Database, publish_named: PublishSpaceNamed) -> Space:
    """A hall in which one checks in within a quarter of an hour."""
    space = await publish_named("议事厅")
    async with database.transaction() as session:
        await set_policy(session, SetPolicy(space.id, 15, OPERATOR, NOW))
    return space


async def booked(database: Database, space: Space, start: datetime, one: uuid.UUID = ONE) -> Booking:
    period = start, start + timedelta(hours=1)
    async with database.transaction() as session:
        return await book(session, Book(space.id, period, oneself(one), resident(one), NOW))


async def come(  # noqa: PLR0917 - who, when, how
    database: Database, booking: Booking, now: datetime, by: Identity = DESK, way: Way = "desk", code: str | None = None
) -> Arrival:
    async with database.transaction() as session:
        return await arrive(session, Arrive(booking.id, way, 3, code, by, now))


async def release(database: Database, now: datetime) -> int:
    async with database.transaction() as session:
        return await release_missed(session, now)


async def miss(database: Database, space: Space, *starts: datetime) -> list[Booking]:
    missed = []
    for start in starts:
        missed.append(await booked(database, space, start))
        assert await release(database, start + GRACE) == 1
    return missed


async def test_people_come_by_code_at_the_desk_or_by_name_and_leave(database: Database, hall: Space) -> None:
    async with database.transaction() as session:
        await set_profile(session, SetProfile(hall.id, Profile("booked", 6, 100, 0), OPERATOR))
        code = (await session.get_one(CheckInPolicy, (COMMUNITY, hall.id))).code
    starts = [clock(1, hour) for hour in (9, 11, 13, 15)]
    ways: list[tuple[Identity, Way, str | None]] = [
        (resident(ONE), "qr", code), (DEVICE, "qr", None), (DESK, "desk", None), (DESK, "name", None),
    ]  # fmt: skip
    for start, (who, way, shown) in zip(starts, ways, strict=True):
        booking = await booked(database, hall, start)
        with pytest.raises(NotArrived):
            async with database.transaction() as session:
                await leave(session, booking.id, DESK, start)
        assert (await come(database, booking, start, who, way, shown)).way == way
        async with database.transaction() as session:
            left = await leave(session, booking.id, DESK, start + timedelta(minutes=50))
        assert left.left_at == start + timedelta(minutes=50)
    assert await release(database, clock(2, 0)) == 0
    async with database.transaction() as session:
        day = await list_day(session, hall, (clock(1, 0), clock(2, 0)))
        assert [arrival.way for _, arrival in day if arrival] == ["qr", "qr", "desk", "name"]
        assert (await measure_space(session, hall.id, clock(1, 0), clock(2, 0))).fill_permille == 500


async def test_what_nobody_comes_to_is_free_again_and_no_use(database: Database, hall: Space) -> None:
    async with database.transaction() as session:
        await set_profile(session, SetProfile(hall.id, Profile("booked", 6, 100, 0), OPERATOR))
    (missed,) = await miss(database, hall, clock(1, 9))
    assert await release(database, clock(1, 9, 30)) == 0  # once
    (event,) = await told(database, "scenarios.booking-missed.v1")
    assert (event["booking_id"], event["space_id"]) == (str(missed.id), str(hall.id))
    again = clock(1, 9, 30)
    async with database.transaction() as session:
        other = uuid.uuid4()
        period = again, again + timedelta(minutes=30)
        await book(session, Book(hall.id, period, oneself(other), resident(other), clock(1, 9, 16)))
    with pytest.raises(SlotReleased):
        await come(database, missed, clock(1, 9, 20))
    async with database.transaction() as session:
        assert (await measure_space(session, hall.id, clock(1, 0), clock(2, 0))).used == 30


async def test_who_stays_away_is_warned_then_limited_and_it_passes(database: Database, hall: Space) -> None:
    await miss(database, hall, clock(1, 9))
    await booked(database, hall, clock(2, 9))
    await release(database, clock(2, 9, 15))
    period = clock(9, 10), clock(9, 11)
    for now, limited in ((clock(2, 10), True), (clock(9, 9), True), (clock(9, 9, 15), False)):
        async with database.transaction() as session:
            asked = Book(hall.id, period, oneself(ONE), resident(ONE), now)
            if limited:
                with pytest.raises(BookingLimited, match="2027-03-09"):
                    await book(session, asked)
            else:
                await book(session, asked)


async def test_an_appeal_that_is_upheld_and_an_exemption_do_not_count(database: Database, hall: Space) -> None:
    first, second = await miss(database, hall, clock(1, 9), clock(1, 11))
    later = clock(1, 12)

    async def missed() -> int:
        async with database.transaction() as session:
            return (await find_standing(session, COMMUNITY, ONE, later)).missed

    assert await missed() == 2
    for booking, upheld in ((first, True), (second, False)):
        async with database.transaction() as session:
            await appeal(session, Appeal(booking.id, "送老人去医院", resident(ONE), later))
            await decide_appeal(session, DecideAppeal(booking.id, upheld, DESK, later))
    assert await missed() == 1
    async with database.transaction() as session:
        await exempt(session, Exempt(COMMUNITY, ONE, clock(3, 0), "住院证明 12", DESK))
    await miss(database, hall, clock(2, 9))
    assert await missed() == 1


async def test_an_appeal_is_made_once_by_whom_it_concerns_and_decided_once(database: Database, hall: Space) -> None:
    (missed,) = await miss(database, hall, clock(1, 9))
    async with database.transaction() as session:
        for stranger in (resident(uuid.uuid4()), NEXT_DESK):
            with pytest.raises(NoShowUnseen):
                await appeal(session, Appeal(missed.id, "我没去", stranger, NOW))
        decision = DecideAppeal(missed.id, upheld=True, by=DESK, now=NOW)
        with pytest.raises(AppealElsewhere):
            await decide_appeal(session, decision)
        await appeal(session, Appeal(missed.id, "我去了", resident(ONE), NOW))
        with pytest.raises(AppealElsewhere):
            await appeal(session, Appeal(missed.id, "真去了", resident(ONE), NOW))
        with pytest.raises(OutOfScope):
            await decide_appeal(session, DecideAppeal(missed.id, upheld=True, by=resident(ONE), now=NOW))
        await decide_appeal(session, decision)
        with pytest.raises(AppealElsewhere):
            await decide_appeal(session, decision)
        with pytest.raises(OutOfScope):
            await exempt(session, Exempt(COMMUNITY, ONE, clock(3, 0), "住院", resident(ONE)))


async def test_who_is_not_there_does_not_check_in(
    database: Database, hall: Space, publish_named: PublishSpaceNamed
) -> None:
    booking = await booked(database, hall, clock(1, 9))
    with pytest.raises(WrongCode):
        await come(database, booking, clock(1, 9), resident(ONE), "qr", "0000")
    with pytest.raises(OutsideArrival):
        await come(database, booking, clock(1, 8, 29))
    for stranger in (resident(uuid.uuid4()), NEXT_DESK):
        with pytest.raises(BookingUnseen):
            await come(database, booking, clock(1, 9), stranger)
    await come(database, booking, clock(1, 9))
    with pytest.raises(AlreadyArrived):
        await come(database, booking, clock(1, 9, 1))
    free_for_all = await publish_named("凉亭")
    with pytest.raises(NoCheckIn):
        await come(database, await booked(database, free_for_all, clock(1, 13)), clock(1, 13))


async def test_the_last_moment_and_the_release_do_not_pass_each_other(database: Database, hall: Space) -> None:
    for hour in range(9, 20, 2):
        booking = await booked(database, hall, clock(1, hour), uuid.uuid4())
        due = clock(1, hour) + GRACE
        outcomes = await asyncio.gather(
            *(release(database, due) for _ in range(16)),
            *(come(database, booking, due) for _ in range(16)),
            return_exceptions=True,
        )
        arrived = [one for one in outcomes if isinstance(one, Arrival)]
        missed = sum(one for one in outcomes if isinstance(one, int))
        assert len(arrived) + missed == 1
        refused = [one for one in outcomes if isinstance(one, AlreadyArrived | SlotReleased)]
        assert len(refused) == 16 - len(arrived)
