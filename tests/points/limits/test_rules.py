"""Caps by period and area, and the room that they leave."""

import uuid
from datetime import date

import pytest

from services.points.limits.rules import (
    Asked,
    Cap,
    CapReached,
    Direction,
    OverBudget,
    Period,
    Room,
    Use,
    begins,
    left_of,
    next_begins,
)

QINGBO, OTHER, YUYAO = "330102001051", "330102002001", "330281002015"
MONDAY, SUNDAY = date(2026, 6, 15), date(2026, 6, 21)
WHO = uuid.uuid4()


def cap(points_max: int, period: Period = Period.DAY, area: str = "330102", activity: str | None = None) -> Cap:
    return Cap(area, Direction.EARN, activity, period, points_max)


def use(points: int, day: date = MONDAY, code: str = QINGBO, activity: str = "volunteering", **facts: bool) -> Use:
    return Use(code, activity, day, points, **facts)


def asked(points: int, **facts: object) -> Asked:
    return Asked(WHO, use(points, **facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("period", "day", "first", "after"),
    [
        (Period.DAY, SUNDAY, SUNDAY, date(2026, 6, 22)),
        (Period.WEEK, SUNDAY, MONDAY, date(2026, 6, 22)),
        (Period.WEEK, MONDAY, MONDAY, date(2026, 6, 22)),
        (Period.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2027, 1, 1)),
        (Period.LIFE, MONDAY, date(2000, 1, 1), None),
    ],
)
def test_periods_are_civil_and_a_week_begins_on_monday(period: Period, day: date, first: date, after: date) -> None:
    assert (begins(period, day), next_begins(period, day)) == (first, after)


def test_a_cap_counts_the_communities_of_its_area_and_no_other() -> None:
    used = [use(30), use(20, code=OTHER), use(40, code=YUYAO), use(9, spendable=False), use(7, SUNDAY)]
    assert left_of(cap(100), used, MONDAY) == 50
    assert left_of(cap(100, Period.WEEK), used, MONDAY) == 43
    assert left_of(cap(100, area="33"), used, MONDAY) == 10
    assert left_of(cap(10), used, MONDAY) == 0


def test_a_cap_of_an_activity_counts_that_alone_whatever_its_class() -> None:
    used = [use(30), use(5, activity="waste_sorting", spendable=False)]
    assert left_of(cap(10, activity="waste_sorting"), used, MONDAY) == 5


def test_the_tightest_cap_decides_and_what_is_above_it_is_not_earned() -> None:
    room = Room([cap(100), cap(120, Period.WEEK)], {WHO: [use(60)]}, 2026)
    fitting = room.fit(asked(70))
    assert fitting.use.points == 40
    room.take(fitting)
    with pytest.raises(CapReached) as refused:
        room.fit(asked(1))
    assert (refused.value.period, refused.value.left, refused.value.again_on) == ("day", 0, "2026-06-16")
    assert room.fit(asked(70, day=SUNDAY)).use.points == 20


def test_what_is_taken_is_taken_whole_or_not_at_all() -> None:
    room = Room([cap(50)], {}, 2026)
    room.take(asked(30))
    with pytest.raises(CapReached):
        room.take(asked(21))
    room.take(asked(20))


def test_a_budget_is_for_service_points_and_none_is_nothing() -> None:
    room = Room([], {}, 2026, {QINGBO: 30})
    room.issue(use(30))
    room.issue(use(30, spendable=False))
    for over in (use(1), use(1, code=OTHER)):
        with pytest.raises(OverBudget):
            room.issue(over)
