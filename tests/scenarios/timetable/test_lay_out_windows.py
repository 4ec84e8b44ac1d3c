"""When a space can be booked: weekdays, holidays, and workdays that make up for them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.scenarios.availability.queries import find_free
from services.scenarios.calendar.rules import published_kind
from services.scenarios.spaces.publish_space import PublishSpace, publish_space
from services.scenarios.spaces.rules import Opening, Terms
from services.scenarios.timetable.roll_windows import roll_windows
from services.scenarios.timetable.rules import hours_on
from shared.database import Database
from tests.scenarios.people import COMMUNITY, NOW, OPERATOR, clock

OFFICE = Terms(tuple(Opening(weekday, 540, 1020) for weekday in range(1, 6)), 30, 0, 120)


@pytest.mark.parametrize(
    ("day", "kind", "hours"),
    [
        (date(2026, 9, 30), "ordinary", ((540, 1020),)),
        (date(2026, 10, 1), "holiday", ()),
        (date(2026, 10, 10), "make_up_workday", ((540, 960),)),
        (date(2026, 10, 11), "ordinary", ()),
        (date(2026, 10, 12), "ordinary", ((540, 1020),)),
    ],
)
def test_a_space_may_close_on_holidays_and_open_on_the_workday_that_makes_up_for_them(
    day: date, kind: str, hours: tuple[tuple[int, int], ...]
) -> None:
    terms = replace(OFFICE, holiday_hours=(), make_up_workday_hours=((540, 960),))
    assert published_kind(day) == kind
    assert hours_on(terms, day, published_kind(day)) == hours


def test_without_hours_of_their_own_holidays_are_as_their_weekday() -> None:
    assert hours_on(OFFICE, date(2026, 10, 1), "holiday") == ((540, 1020),)
    assert hours_on(OFFICE, date(2026, 10, 10), "make_up_workday") == ()


async def test_windows_come_into_reach_day_by_day(database: Database) -> None:
    async with database.transaction() as session:
        space = await publish_space(session, PublishSpace(COMMUNITY, "会议室", OFFICE, OPERATOR, NOW))
    day = timedelta(days=1)
    later = (clock(1, 0) + 203 * day, clock(1, 0) + 204 * day)
    async with database.transaction() as session:
        assert await find_free(session, space.id, later, NOW) == []
        assert await roll_windows(session, NOW) == 0
        assert await roll_windows(session, NOW + 5 * day) == 1
        assert await roll_windows(session, NOW + 5 * day) == 0
        assert await find_free(session, space.id, later, NOW) == [(later[0] + 9 * day / 24, later[0] + 17 * day / 24)]
