"""When two functions of a space are in each other's way."""

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scenarios.calendar.rules import DayKind, Periods
from services.scenarios.modes.rules import ModeInadmissible, ModesClash, check_clashes, check_mode
from services.scenarios.timetable.rules import Mode

YEAR = (date(2027, 1, 1), date(2027, 12, 31))
MARKET = Mode("market", frozenset({6, 7}), True, False, (540, 1020), 60, frozenset(), True, YEAR)  # noqa: FBT003
DANCE = replace(MARKET, function="dance", hours=(1140, 1260), change_over_minutes=0)


def clash(one: Mode, two: Mode) -> bool:
    try:
        check_clashes(one, [two])
    except ModesClash:
        return True
    return False


@pytest.mark.parametrize(
    ("other", "clashes"),
    [
        (DANCE, False),
        (replace(DANCE, hours=(1080, 1260)), False),
        (replace(DANCE, hours=(1079, 1260)), True),  # the market is still being packed up
        (replace(DANCE, hours=(1079, 1260), weekdays=frozenset({1}), on_holidays=False), False),
        (replace(DANCE, hours=(1079, 1260), weekdays=frozenset({1})), True),  # both on holidays
        (replace(DANCE, hours=(600, 700), compatible_with=frozenset({"market"})), False),
        (replace(DANCE, hours=(600, 700), valid=(date(2028, 1, 1), date(2028, 2, 1))), False),
        (replace(MARKET, hours=(1020, 1080)), False),  # the same function goes on
        (replace(MARKET, hours=(1019, 1080)), True),
    ],
)
def test_two_modes_clash_if_they_meet_on_a_kind_of_day_and_do_not_go_together(other: Mode, clashes: bool) -> None:  # noqa: FBT001
    assert (clash(MARKET, other), clash(other, MARKET)) == (clashes, clashes)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(MARKET, weekdays=frozenset(), on_holidays=False),
        replace(MARKET, hours=(600, 600)),
        replace(MARKET, hours=(30, 600)),
        replace(MARKET, hours=(600, 1400)),
        replace(MARKET, valid=(YEAR[1], YEAR[0])),
        replace(MARKET, function="base"),
    ],
)
def test_a_mode_that_contradicts_itself_is_refused(wrong: Mode) -> None:
    check_mode(MARKET)
    with pytest.raises(ModeInadmissible):
        check_mode(wrong)


DAYS = st.frozensets(st.integers(1, 7), max_size=2)
TIMES = st.tuples(st.integers(2, 10), st.integers(11, 20)).map(lambda t: (t[0] * 60, t[1] * 60))
MODES = st.builds(
    Mode,
    st.sampled_from(["market", "dance"]),
    DAYS,
    st.booleans(),
    st.booleans(),
    TIMES,
    st.sampled_from([0, 60]),
    st.sampled_from([frozenset[str](), frozenset({"market"})]),
    st.just(True),  # noqa: FBT003
    st.just(YEAR),
)
CALENDARS = st.lists(st.sampled_from(get_args(DayKind)), min_size=14, max_size=14)


@given(MODES, MODES, CALENDARS)
def test_modes_that_do_not_clash_never_meet_whatever_the_calendar(one: Mode, two: Mode, kinds: list[DayKind]) -> None:
    if clash(one, two) or one.function == two.function or one.goes_with(two.function, two.compatible_with):
        return
    days = {YEAR[0] + timedelta(days=n): kind for n, kind in enumerate(kinds)}
    for first, second in ((one, two), (two, one)):
        grown = Periods.of(first.periods(days, first.change_over_minutes))
        assert not grown & Periods.of(second.periods(days))
