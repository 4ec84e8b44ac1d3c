"""A space that is hardly used opens a case by itself, and the case ends with a new measurement."""

import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from services.scenarios.bookings.tables import Booking
from services.scenarios.modes.define_mode import DefineMode, define_mode
from services.scenarios.spaces.retire_space import RetireSpace, retire_space
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.lay_out_windows import lay_out_windows
from services.scenarios.timetable.rules import AHEAD_DAYS, Mode
from services.scenarios.vacancy.advance_case import AdvanceCase, advance_case
from services.scenarios.vacancy.queries import list_cases, list_months, measure_space
from services.scenarios.vacancy.roll_up import roll_up
from services.scenarios.vacancy.rules import Decision, FunctionUse, Profile, Stage, StageNotNext, TrialTooShort
from services.scenarios.vacancy.set_profile import SetProfile, set_profile
from services.scenarios.vacancy.tables import IterationCase, Visit
from services.scenarios.vacancy.watch import watch
from services.scenarios.worker import JOBS
from shared.clock import CHINA
from shared.database import Database
from shared.errors import OutOfScope
from shared.identity import Identity
from tests.scenarios.conftest import CLIENTS, PublishSpaceNamed
from tests.scenarios.people import COMMUNITY, DESK, NOW, OPERATOR

HEALTH_CORNER = Profile("walk-in", capacity=6, households=1_800, annual_cost_fen=2_400_000)
HALL = Profile("booked", capacity=40, households=1_800, annual_cost_fen=9_000_000)
YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)


async def space_of(database: Database, publish: PublishSpaceNamed, name: str, profile: Profile, now: datetime) -> Space:
    """Publish a space that has been there for a year."""
    space = await publish(name)
    async with database.transaction() as session:
        await session.execute(update(Space).where(Space.id == space.id).values(published_at=now - YEAR))
        for days in range(-365, 1_000, AHEAD_DAYS):  # as the worker has done it and will
            await lay_out_windows(session, [space], now + timedelta(days=days))
        await set_profile(session, SetProfile(space.id, profile, OPERATOR))
    return space


async def visits(  # noqa: PLR0917 - where, when, how many
    database: Database, space: Space, start: datetime, end: datetime, count: int, people: int = 1
) -> None:
    """Let so many different residents come, evenly over a period."""
    step = (end - start) / count
    async with database.transaction() as session:
        session.add_all(
            Visit(
                community_code=COMMUNITY,
                space_id=space.id,
                resident_id=uuid.uuid4(),
                people=people,
                visited_at=start + step * number,
                noted_by="device:machine",
            )
            for number in range(count)
        )


async def bookings(database: Database, space: Space, starts: list[datetime], length: timedelta = HOUR) -> list[Booking]:
    made = [
        Booking(
            community_code=COMMUNITY,
            id=uuid.uuid4(),
            space_id=space.id,
            resident_id=uuid.uuid4(),
            starts_at=start,
            ends_at=start + length,
            channel="app",
            given_by="resident:somebody",
        )
        for start in starts
    ]
    async with database.transaction() as session:
        session.add_all(made)
    return made


async def step(
    database: Database, case: IterationCase, to: Stage, now: datetime, by: Identity = OPERATOR
) -> IterationCase:
    decision: Decision | None = "repurpose" if to == "closed" else None
    command = AdvanceCase(case.id, to, "入户访谈 12 户，楼下有药店和外卖", {"记录": "2027-3"}, decision, by, now)
    async with database.transaction() as session:
        return await advance_case(session, command)


async def cases(database: Database, *, with_closed: bool = True) -> list[IterationCase]:
    async with database.transaction() as session:
        return list(await list_cases(session, COMMUNITY, with_closed=with_closed))


async def look(database: Database, now: datetime) -> int:
    async with database.transaction() as session:
        return len(await watch(session, COMMUNITY, now))


async def measure_a_road(database: Database, publish: PublishSpaceNamed) -> None:
    """Book a road that is a market on Saturdays, and measure it as the one and the other."""
    road = await space_of(database, publish, "长街", HALL, NOW)
    terms = (
        frozenset({6}),
        False,
        False,
        (540, 1020),
        60,
        frozenset[str](),
        True,
        (date(2027, 1, 1), date(2027, 12, 31)),
    )
    async with database.transaction() as session:
        await define_mode(session, DefineMode(road.id, Mode("market", *terms), OPERATOR, NOW))
    saturday = datetime(2027, 3, 6, tzinfo=CHINA)
    await bookings(database, road, [saturday + n * HOUR for n in range(9, 13)])
    async with database.transaction() as session:
        at_market = (Booking.space_id == road.id) & (Booking.starts_at >= saturday + 10 * HOUR)
        await session.execute(update(Booking).where(at_market).values(function="market"))
        use = await measure_space(session, road.id, saturday - timedelta(days=1), saturday + timedelta(days=1))
    # The Friday's 14 hours and, on the Saturday, the market's 8: for an hour on both sides of it the road is nothing.
    assert (use.used, use.bookable) == (240, (14 + 8 + 4) * 60)
    assert use.by_function == (
        FunctionUse("base", 60, (14 + 4) * 60, 55), FunctionUse("market", 180, 8 * 60, 375),
    )  # fmt: skip


@pytest.mark.proves("S15")
async def test_the_health_corner_opens_a_case_by_itself_which_ends_with_a_second_measurement(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    now = datetime.now(UTC)
    corner = await space_of(database, publish_named, "健康角", HEALTH_CORNER, now)
    busy = await space_of(database, publish_named, "邻里食堂", HEALTH_CORNER, now)
    await visits(database, corner, now - timedelta(days=179), now, 10)
    await visits(database, busy, now - timedelta(days=179), now, 400, people=6)

    for _ in range(2):  # as the worker does it, again and again
        for job in JOBS:
            await job.run(database)
    (case,) = await cases(database)
    assert (case.space_id, case.stage) == (corner.id, "diagnose")
    assert (case.baseline["users"], case.baseline["uses"], case.baseline["reach_permille"]) == (10, 10, 5)
    assert case.baseline["utilisation_permille"] == 0
    assert case.baseline["cost_per_use_fen"] == 118_357  # 24,000 yuan a year, for half of it, by ten

    for to in ("propose", "consult", "trial"):
        await step(database, case, to, now)
    trial_end = now + timedelta(days=30)
    with pytest.raises(TrialTooShort):
        await step(database, case, "measure", now + timedelta(days=27))
    with pytest.raises(StageNotNext):
        await step(database, case, "closed", trial_end)
    await visits(database, corner, now + timedelta(minutes=1), trial_end, 300, people=5)  # as a place to meet
    second = (await step(database, case, "measure", trial_end)).second
    assert second is not None
    assert (second["users"], second["used"]) == (300, 1_500)
    assert second["utilisation_permille"] > case.baseline["utilisation_permille"]
    closed = await step(database, case, "closed", trial_end)
    assert await look(database, trial_end) == 0  # still low, as it was: a second case opens once it has recovered
    await measure_a_road(database, publish_named)
    assert (closed.stage, closed.decision, await cases(database, with_closed=False)) == ("closed", "repurpose", [])


async def test_use_that_wavers_between_the_bounds_opens_one_case_only(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    start = NOW
    corner = await space_of(database, publish_named, "健康角", HEALTH_CORNER, start)
    assert await look(database, start) == 1
    (case,) = await cases(database)
    for to in ("propose", "consult", "trial"):
        await step(database, case, to, start)
    await step(database, case, "measure", start + timedelta(days=28))
    await step(database, case, "closed", start + timedelta(days=28))
    wavering = start + timedelta(days=180)
    await visits(database, corner, start, wavering, 180, people=6)  # 1,080 of 15,120: above 5 %, below 10 %
    assert await look(database, wavering) == 0
    assert await look(database, wavering + timedelta(days=150)) == 0  # low again, and it never was anything else
    recovered = wavering + timedelta(days=400)
    await visits(database, corner, recovered - timedelta(days=180), recovered, 500, people=6)
    assert await look(database, recovered) == 0
    assert await look(database, recovered + timedelta(days=200)) == 1


async def test_a_space_younger_than_the_window_is_not_judged(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    space = await space_of(database, publish_named, "新书房", HEALTH_CORNER, NOW)
    async with database.transaction() as session:
        await session.execute(update(Space).where(Space.id == space.id).values(published_at=NOW - timedelta(days=179)))
    assert await look(database, NOW) == 0


async def test_many_workers_open_one_case_and_take_it_on_once(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    await space_of(database, publish_named, "健康角", HEALTH_CORNER, NOW)
    assert sum(await asyncio.gather(*(look(database, NOW) for _ in range(2 * CLIENTS)))) == 1
    (case,) = await cases(database)
    tried = await asyncio.gather(
        *(step(database, case, "propose", NOW) for _ in range(2 * CLIENTS)), return_exceptions=True
    )
    refused = [one for one in tried if isinstance(one, StageNotNext)]
    assert len(refused) == 2 * CLIENTS - 1


async def test_the_desk_takes_a_case_on_and_only_the_operator_or_an_official_closes_it(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    await space_of(database, publish_named, "健康角", HEALTH_CORNER, NOW)
    await look(database, NOW)
    (case,) = await cases(database)
    later = NOW + timedelta(days=28)
    for to in ("propose", "consult", "trial"):
        await step(database, case, to, NOW, DESK)
    await step(database, case, "measure", later, DESK)
    with pytest.raises(OutOfScope):
        await step(database, case, "closed", later, DESK)


async def test_a_failed_trial_goes_back_and_must_be_measured_anew(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    await space_of(database, publish_named, "健康角", HEALTH_CORNER, NOW)
    await look(database, NOW)
    (case,) = await cases(database)
    later = NOW + timedelta(days=28)
    way: tuple[tuple[Stage, datetime], ...] = (
        ("propose", NOW), ("consult", NOW), ("trial", NOW), ("measure", later), ("propose", later),
    )  # fmt: skip
    for to, at in way:
        await step(database, case, to, at)
    await step(database, case, "consult", later)
    again = await step(database, case, "trial", later)
    assert (again.second, again.measured_at, again.trial_started_at) == (None, None, later)


async def test_the_database_itself_closes_no_case_without_a_second_measurement(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    await space_of(database, publish_named, "健康角", HEALTH_CORNER, NOW)
    await look(database, NOW)
    with pytest.raises(IntegrityError, match="closed_only_when_measured_again"):
        async with database.transaction() as session:
            await session.execute(text("UPDATE iteration_case SET stage = 'closed', decision = 'keep'"))


async def test_what_was_cancelled_is_no_use_and_people_are_counted_where_they_came(
    database: Database, publish_named: PublishSpaceNamed
) -> None:
    hall = await space_of(database, publish_named, "议事厅", HALL, NOW)
    day = datetime(2027, 2, 1, 9, tzinfo=CHINA)
    kept, came, given_up = await bookings(database, hall, [day, day + 2 * HOUR, day + 4 * HOUR])
    async with database.transaction() as session:
        await session.execute(update(Booking).where(Booking.id == given_up.id).values(state="cancelled"))
        seen: dict[str, Any] = {"community_code": COMMUNITY, "space_id": hall.id, "noted_by": "staff:desk"}
        session.add(Visit(**seen, booking_id=came.id, people=30, visited_at=came.starts_at))
    async with database.transaction() as session:
        use = await measure_space(session, hall.id, day.replace(hour=0), day.replace(hour=0) + timedelta(days=1))
    assert (use.uses, use.used, use.bookable, use.users) == (2, 120, 14 * 60, 2)
    assert use.fill_permille == 750
    assert kept.space_id == hall.id


async def test_a_roll_up_says_what_the_naive_query_says(database: Database, publish_named: PublishSpaceNamed) -> None:
    hall = await space_of(database, publish_named, "议事厅", HALL, NOW)
    corner = await space_of(database, publish_named, "健康角", HEALTH_CORNER, NOW)
    month = datetime(2027, 2, 1, tzinfo=CHINA)
    await bookings(database, hall, [month + timedelta(days=n, hours=9) for n in range(-2, 31)])
    await visits(database, corner, month - timedelta(days=3), month + timedelta(days=31), 34)
    async with database.transaction() as session:
        for _ in range(2):  # again brings it up to date
            assert await roll_up(session, COMMUNITY, month.date().replace(day=14), NOW + YEAR) == 2
    async with database.transaction() as session:
        rows = {row.space_id: row for row in await list_months(session, COMMUNITY, month.date())}
        for space in (hall, corner):
            use = await measure_space(session, space.id, month, month + timedelta(days=28))
            row = rows[space.id]
            assert (row.used, row.bookable, row.uses, row.users) == (use.used, use.bookable, use.uses, use.users)
            assert row.uses == 28


async def test_a_space_that_is_let_no_more_opens_no_case(database: Database, publish_named: PublishSpaceNamed) -> None:
    space = await space_of(database, publish_named, "健康小屋", HEALTH_CORNER, NOW)
    async with database.transaction() as session:
        await retire_space(session, RetireSpace(space.id, OPERATOR, NOW))
        assert await watch(session, COMMUNITY, NOW) == []
