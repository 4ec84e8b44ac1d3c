"""A road is a road by day and a market at weekends."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest

from services.scenarios.availability.queries import find_free
from services.scenarios.availability.rules import OutsideOpeningHours, SlotTaken
from services.scenarios.bookings.book import Book, book
from services.scenarios.calendar.set_day import SetDay, set_day
from services.scenarios.modes.define_mode import DefineMode, define_mode
from services.scenarios.modes.end_mode import EndMode, end_mode
from services.scenarios.modes.rules import ModeInadmissible, ModesClash, ModeUnseen
from services.scenarios.modes.tables import FunctionMode
from services.scenarios.spaces.tables import Space
from services.scenarios.timetable.explain import explain
from services.scenarios.timetable.roll_windows import roll_windows
from services.scenarios.timetable.rules import BookingsInTheWay, Mode, OtherHours, ServesOtherwise
from shared.clock import Period
from shared.database import Database
from shared.errors import OutOfScope, Refusal
from tests.ground import identity
from tests.scenarios.conftest import PublishSpaceNamed
from tests.scenarios.people import COMMUNITY, NEXT_DESK, NOW, OPERATOR, clock, oneself, resident

YEAR = (date(2027, 1, 1), date(2027, 12, 31))
MARKET = Mode("market", frozenset({6, 7}), True, False, (540, 1020), 60, frozenset(), True, YEAR)  # noqa: FBT003
OFFICIAL = identity("staff:official", ("official", COMMUNITY[:6]))
SATURDAY, SUNDAY, TUESDAY = 6, 7, 9

Free = Callable[[Space, int, str], Awaitable[list[Period]]]


async def define(database: Database, space: Space, mode: Mode) -> FunctionMode:
    async with database.transaction() as session:
        return await define_mode(session, DefineMode(space.id, mode, OPERATOR, NOW))


async def take(database: Database, space: Space, period: Period, function: str = "base") -> str:
    who = uuid.uuid4()
    try:
        async with database.transaction() as session:
            await book(session, Book(space.id, period, oneself(who), resident(who), NOW, function=function))
    except Refusal as refusal:
        return refusal.type
    return "booked"


@pytest.fixture
async def road(publish_named: PublishSpaceNamed) -> Space:
    return await publish_named("长街")


@pytest.fixture
def free(database: Database) -> Free:
    async def find(space: Space, day: int, function: str) -> list[Period]:
        async with database.transaction() as session:
            return await find_free(session, space.id, (clock(day, 0), clock(day + 1, 0)), NOW, function)

    return find


@pytest.mark.proves("S7")
async def test_a_road_is_a_road_by_day_and_a_market_at_weekends_on_holidays_and_not_on_make_up_workdays(
    database: Database, road: Space, free: Free
) -> None:
    await define(database, road, MARKET)
    # By rule: at weekends it is a market from nine to five, and an hour on both sides is for changing over.
    assert await free(road, SATURDAY, "market") == [(clock(6, 9), clock(6, 17))]
    assert await free(road, SATURDAY, "base") == [(clock(6, 18), clock(6, 22))]
    assert await free(road, TUESDAY, "market") == []
    assert await free(road, TUESDAY, "base") == [(clock(9, 8), clock(9, 22))]
    saturday = (clock(6, 10), clock(6, 11))
    assert await take(database, road, saturday) == OutsideOpeningHours.type
    assert await take(database, road, saturday, "market") == "booked"
    assert await take(database, road, saturday, "market") == SlotTaken.type
    # By holiday with make-up workdays: Tuesday is off, and Sunday is worked instead.
    async with database.transaction() as session:
        for day, kind in ((TUESDAY, "holiday"), (SUNDAY, "make_up_workday")):
            await set_day(session, SetDay(date(2027, 3, day), kind, "国办发明电", OFFICIAL))  # type: ignore[arg-type]
        assert await roll_windows(session, NOW) == 1
    assert await free(road, TUESDAY, "market") == [(clock(9, 9), clock(9, 17))]
    assert await free(road, SUNDAY, "market") == []
    assert await free(road, SUNDAY, "base") == [(clock(7, 8), clock(7, 22))]
    # Overlay: street music goes with both, and takes nothing from either.
    music = replace(MARKET, function="music", hours=(840, 960), compatible_with=frozenset({"base", "market"}))
    await define(database, road, music)
    assert await free(road, TUESDAY, "market") == [(clock(9, 9), clock(9, 17))]
    assert await free(road, TUESDAY, "music") == [(clock(9, 14), clock(9, 16))]
    # Conflicts are refused when they are defined: with a mode, and with what is booked.
    parking = replace(MARKET, function="parking", hours=(1050, 1200), change_over_minutes=0)
    with pytest.raises(ModesClash):
        await define(database, road, parking)
    assert await take(database, road, (clock(11, 10), clock(11, 11))) == "booked"
    thursdays = replace(parking, weekdays=frozenset({4}), on_holidays=False, hours=(600, 700))
    with pytest.raises(BookingsInTheWay) as refused:
        await define(database, road, thursdays)
    assert refused.value.count == 1
    assert await free(road, 11, "parking") == [], "nothing of what was refused is left"


async def test_a_market_on_the_road_holds_for_its_segments_and_one_on_a_segment_blocks_the_road(
    database: Database, publish_named: PublishSpaceNamed, free: Free
) -> None:
    east, west = await publish_named("东段"), await publish_named("西段")
    road = await publish_named("长街", east, west)
    await define(database, road, MARKET)
    assert await free(east, SATURDAY, "market") == [(clock(6, 9), clock(6, 17))]
    assert await free(east, SATURDAY, "base") == [(clock(6, 18), clock(6, 22))]
    tai_chi = replace(MARKET, function="tai-chi", weekdays=frozenset({2}), on_holidays=False, hours=(540, 600))
    await define(database, west, tai_chi)
    assert await free(road, TUESDAY, "base") == [(clock(9, 11), clock(9, 22))]
    assert await free(road, TUESDAY, "tai-chi") == []
    assert await free(east, TUESDAY, "base") == [(clock(9, 8), clock(9, 22))]
    with pytest.raises(ModesClash):
        await define(database, west, replace(MARKET, function="parking"))


async def test_what_cannot_be_booked_takes_the_space_over_all_the_same(
    database: Database, road: Space, free: Free
) -> None:
    await define(database, road, replace(MARKET, function="traffic", bookable=False))
    assert await free(road, SATURDAY, "traffic") == []
    assert await free(road, SATURDAY, "base") == [(clock(6, 18), clock(6, 22))]


async def test_why_a_space_cannot_be_booked_names_the_function_and_the_day(database: Database, road: Space) -> None:
    await define(database, road, MARKET)
    async with database.transaction() as session:
        reasons = await explain(session, road.id, (clock(6, 10), clock(6, 11)), "base", NOW)
    assert [type(reason) for reason in reasons] == [OutsideOpeningHours, ServesOtherwise]
    assert reasons[1].facts() == {"function": "market", "change_over_minutes": 60}
    assert OtherHours not in [type(reason) for reason in reasons]


async def test_an_ended_mode_gives_the_space_back_unless_it_is_booked(
    database: Database, road: Space, free: Free
) -> None:
    mode = await define(database, road, MARKET)
    booked = await take(database, road, (clock(6, 10), clock(6, 11)), "market")
    with pytest.raises(BookingsInTheWay):
        async with database.transaction() as session:
            await end_mode(session, EndMode(mode.id, OPERATOR, NOW))
    async with database.transaction() as session:
        await end_mode(session, EndMode(mode.id, OPERATOR, clock(6, 12)))
    assert booked == "booked"
    assert await free(road, 13, "base") == [(clock(13, 8), clock(13, 22))]


async def test_of_32_that_define_a_market_and_book_the_road_at_once_nobody_is_overlooked(
    database: Database, road: Space
) -> None:
    async def market() -> str:
        try:
            await define(database, road, MARKET)
        except BookingsInTheWay as refusal:
            return refusal.type
        return "defined"

    period = (clock(6, 10), clock(6, 11))
    work = [take(database, road, period) for _ in range(31)]
    outcome, *booked = await asyncio.gather(market(), *work)
    assert (outcome == "defined") != ("booked" in booked)


async def test_refusals_to_define_and_end(database: Database, road: Space) -> None:
    async with database.transaction() as session:
        with pytest.raises(OutOfScope):
            await define_mode(session, DefineMode(road.id, MARKET, NEXT_DESK, NOW))
        with pytest.raises(ModeInadmissible):
            await define_mode(session, DefineMode(road.id, replace(MARKET, hours=(0, 60)), OPERATOR, NOW))
        with pytest.raises(ModeUnseen):
            await end_mode(session, EndMode(uuid.uuid4(), OPERATOR, NOW))
        with pytest.raises(OutOfScope):
            await set_day(session, SetDay(date(2027, 3, 1), "holiday", "通知", OPERATOR))
    mode = await define(database, road, MARKET)
    async with database.transaction() as session:
        with pytest.raises(OutOfScope):
            await end_mode(session, EndMode(mode.id, NEXT_DESK, NOW))
