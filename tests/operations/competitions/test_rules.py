"""How streets are ranked."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.operations.competitions.rules import (
    AnnouncedTooLate,
    Counted,
    FormulaInadmissible,
    Weight,
    check_announcement,
    digest_of,
    flags_of,
    rank,
)
from tests.operations.ground import NOW

FORMULA = [Weight("attendances", 60, 40)]
DAYS = 30


def counted(street: str, count: int, before: int = 100, **seen: int) -> Counted:
    return Counted(street, "attendances", count, before, **{"top_actor": 1, "night": 0, "last_days": 0, **seen})


def test_level_and_improvement_both_count_by_who_one_is_ahead_of() -> None:
    populations = {"a": 1_000, "b": 1_000, "c": 1_000}
    counts = [counted("a", 10_000, 10_000), counted("b", 4_000, 1_000), counted("c", 1_000, 1_000)]
    places = rank(FORMULA, populations, counts, days=DAYS)
    # a leads by level: 60, and shares the last place of improvement with c: a quarter of 40. b: 30 and 40.
    assert [(one.street, one.points) for one in places] == [("a", 7_000), ("b", 7_000), ("c", 1_000)]


def test_a_small_street_is_held_against_its_population() -> None:
    places = rank(
        [Weight("attendances", 100, 0)],
        {"big": 100_000, "small": 1_000},
        [counted("big", 10_000), counted("small", 5_000)],
        days=DAYS,
    )
    assert [(one.street, one.place) for one in places] == [("small", 1), ("big", 2)]


def test_streets_that_chance_alone_may_part_share_a_place() -> None:
    level = [Weight("attendances", 100, 0)]
    populations = {"a": 1_000, "b": 1_000, "c": 1_000}
    close = rank(level, populations, [counted("a", 105), counted("b", 100), counted("c", 10)], days=DAYS)
    assert [(one.street, one.place) for one in close] == [("a", 1), ("b", 1), ("c", 3)]
    apart = rank(level, populations, [counted("a", 200), counted("b", 100), counted("c", 10)], days=DAYS)
    assert [one.place for one in apart] == [1, 2, 3]
    assert all(one.low <= one.points <= one.high for one in [*close, *apart])


def test_a_street_without_records_is_last_and_not_lost() -> None:
    places = rank(FORMULA, {"a": 1_000, "b": 1_000}, [counted("a", 500)], days=DAYS)
    assert [one.street for one in places] == ["a", "b"]


@pytest.mark.parametrize(
    ("seen", "flag"),
    [
        ({"top_actor": 21}, ["attendances: one_actor"]),
        ({"top_actor": 20}, []),
        ({"night": 11}, ["attendances: night"]),
        ({"night": 10}, []),
        ({"last_days": 31}, ["attendances: last_days"]),
        ({"last_days": 30}, []),
    ],
)
def test_what_looks_like_gaming_is_flagged_at_its_limit(seen: dict[str, int], flag: list[str]) -> None:
    assert flags_of("a", [counted("a", 100, **seen)], DAYS) == flag


def test_few_records_are_not_flagged_and_a_cleared_street_is_not() -> None:
    assert flags_of("a", [counted("a", 29, top_actor=29)], DAYS) == []
    gamed = [counted("a", 100, top_actor=100)]
    flagged, cleared = (rank(FORMULA, {"a": 1, "b": 1}, gamed, days=DAYS, cleared=streets) for streets in ((), ("a",)))
    assert (flagged[0].flags, cleared[0].flags) == (["attendances: one_actor"], [])


def test_a_formula_comes_to_100_and_before_the_days_begin() -> None:
    tomorrow = NOW.date() + timedelta(days=1)
    check_announcement(FORMULA, tomorrow, NOW)
    for formula in ([Weight("attendances", 60, 41)], [Weight("attendances", 50, 0), Weight("attendances", 50, 0)]):
        with pytest.raises(FormulaInadmissible):
            check_announcement(formula, tomorrow, NOW)
    with pytest.raises(AnnouncedTooLate):
        check_announcement(FORMULA, NOW.date(), NOW)


def test_the_digest_is_of_all_that_is_published() -> None:
    first, last = date(2026, 12, 1), date(2026, 12, 30)
    one = digest_of(FORMULA, {"a": 1}, first, last)
    assert one == digest_of(FORMULA, {"a": 1}, first, last)
    assert len({one, digest_of(FORMULA, {"a": 2}, first, last), digest_of(FORMULA, {"a": 1}, first, first)}) == 3


COUNTS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=2, max_size=8)


@given(COUNTS)
def test_more_of_one_streets_own_never_costs_it_a_place(of: list[tuple[int, int]]) -> None:
    level = [Weight("attendances", 100, 0)]
    streets = {str(n): 1_000 for n in range(len(of))}
    counts = [counted(str(n), count, before) for n, (count, before) in enumerate(of)]
    more = [counted("0", of[0][0] + 500, of[0][1]), *counts[1:]]
    before, after = (
        {one.street: one.points for one in rank(level, streets, each, days=DAYS)}["0"] for each in (counts, more)
    )
    assert after >= before
