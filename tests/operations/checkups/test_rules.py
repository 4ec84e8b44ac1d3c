"""The index of a community's facilities, and the list."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.operations.checkups.adopt_scheme import reference
from services.operations.checkups.rules import Facility, Subclass, Survey, cutoff_of, evaluate, is_listed

SCHEME = [
    Subclass("health.corner", "健康", "健康小屋", "uses", 10, 1),
    Subclass("elderly.canteen", "养老", "老年食堂", "seats", 20, 3),
]
CORNER = Facility("健康小屋", households_covered=500, capacity=5, condition=80, use=40)
CANTEEN = Facility("老年食堂", households_covered=1_000, capacity=20, condition=100, use=100)


def survey(**found: list[Facility]) -> Survey:
    return Survey(1_000, {name.replace("_", "."): facilities for name, facilities in found.items()})


def test_the_reference_list_has_8_classes_and_20_subclasses() -> None:
    subclasses = reference()
    assert (len({one.facility_class for one in subclasses}), len(subclasses)) == (8, 20)


def test_an_index_is_the_weighted_mean_of_coverage_capacity_condition_and_use() -> None:
    found = evaluate(survey(health_corner=[CORNER], elderly_canteen=[CANTEEN]), SCHEME)
    # The corner: 0.5, 0.5, 0.8, 0.4, weight 1; the canteen: 1, weight 3.
    assert (found.index_bp, found.known_bp, found.missing) == ((5_500 + 3 * 10_000) // 4, 10_000, [])


def test_more_than_is_required_is_not_more_than_all() -> None:
    plenty = [replace(CANTEEN, capacity=500), CANTEEN]
    assert evaluate(survey(health_corner=[CORNER], elderly_canteen=plenty), SCHEME).index_bp == 8_875


def test_what_is_not_there_counts_0_and_what_was_not_looked_at_counts_nothing() -> None:
    assert evaluate(survey(health_corner=[], elderly_canteen=[CANTEEN]), SCHEME).index_bp == 7_500
    unknown = evaluate(survey(elderly_canteen=[CANTEEN]), SCHEME)
    assert unknown.index_bp is None
    assert (unknown.known_bp, unknown.missing[0]) == (7_500, "health.corner.coverage")


def test_one_value_that_is_missing_is_named_and_the_rest_still_has_an_index() -> None:
    found = evaluate(survey(health_corner=[replace(CORNER, use=None), CORNER], elderly_canteen=[CANTEEN]), SCHEME)
    assert (found.missing, found.known_bp) == (["health.corner.use"], 9_375)
    assert found.index_bp == int((10_000 + 10_000 + 8_000 + 3 * 4 * 10_000) / 15)


def test_below_four_fifths_of_the_data_there_is_no_index_and_nobody_is_listed_for_it() -> None:
    found = evaluate(survey(elderly_canteen=[replace(CANTEEN, use=None)], health_corner=[CORNER]), SCHEME)
    assert (found.known_bp, found.index_bp is None) == (8_125, False)
    poor = evaluate(
        survey(elderly_canteen=[replace(CANTEEN, use=None, condition=None)], health_corner=[CORNER]), SCHEME
    )
    assert (poor.known_bp, poor.index_bp, is_listed(poor.index_bp, 10_000)) == (6_250, None, False)


def test_a_facility_that_hardly_anybody_uses_shows() -> None:
    found = evaluate(survey(health_corner=[replace(CORNER, use=3)], elderly_canteen=[CANTEEN]), SCHEME)
    assert found.low_use == ["health.corner: 健康小屋"]


@pytest.mark.parametrize(("n", "listed"), [(1, 1), (10, 1), (11, 2), (1_248, 125), (1_250, 125), (1_251, 126)])
def test_the_lowest_tenth_is_rounded_up(n: int, listed: int) -> None:
    cutoff = cutoff_of(range(n))
    assert sum(is_listed(index, cutoff) for index in range(n)) == listed


def test_ties_are_in_and_nobody_is_listed_of_nobody() -> None:
    indexes = [5, 5, 5, *range(10, 27)]
    assert sum(is_listed(index, cutoff_of(indexes)) for index in indexes) == 3
    assert (cutoff_of([]), is_listed(1, None)) == (None, False)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=200))
def test_at_least_a_tenth_is_listed_and_without_the_ties_no_more(indexes: list[int]) -> None:
    cutoff = cutoff_of(indexes)
    assert cutoff is not None
    tenth = -(-len(indexes) // 10)
    assert sum(is_listed(index, cutoff) for index in indexes) >= tenth
    assert sum(index < cutoff for index in indexes) < tenth
