"""The algebra of periods, held against sets of minutes."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.scenarios.calendar.rules import Periods
from shared.clock import Period
from tests.scenarios.people import clock

MINUTES = st.integers(0, 40)
LISTS = st.lists(st.tuples(MINUTES, MINUTES), max_size=8)
START = clock(1, 0)


def periods_of(minutes: list[tuple[int, int]]) -> Periods:
    return Periods.of((START + timedelta(minutes=a), START + timedelta(minutes=b)) for a, b in minutes)


def minutes_of(pairs: list[tuple[int, int]]) -> set[int]:
    return {minute for a, b in pairs for minute in range(a, b)}


def back(periods: Periods) -> set[int]:
    pairs = [tuple((moment - START) // timedelta(minutes=1) for moment in period) for period in periods]
    return minutes_of([(a, b) for a, b in pairs])


@given(LISTS, LISTS)
def test_union_intersection_and_difference_are_those_of_sets(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    one, two = periods_of(left), periods_of(right)
    assert back(one | two) == minutes_of(left) | minutes_of(right)
    assert back(one & two) == minutes_of(left) & minutes_of(right)
    assert back(one - two) == minutes_of(left) - minutes_of(right)
    for each in (one | two, one & two, one - two):
        assert each == Periods.of(each), "disjoint, in order, and none touches the next"


@given(LISTS, MINUTES, MINUTES)
def test_a_period_is_covered_if_no_moment_of_it_is_missing(some: list[tuple[int, int]], first: int, last: int) -> None:
    period: Period = (START + timedelta(minutes=first), START + timedelta(minutes=last))
    if first < last:
        assert periods_of(some).covers(period) == (set(range(first, last)) <= minutes_of(some))
        assert bool(periods_of(some)) == bool(minutes_of(some))
