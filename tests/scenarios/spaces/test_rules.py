"""When a space is open, and what its terms must be."""

from dataclasses import replace

import pytest

from services.scenarios.spaces.rules import (
    Opening,
    OpeningHoursOverlap,
    Terms,
    TermsUnbookable,
    check_terms,
    open_periods,
)
from tests.scenarios.people import clock

MONDAY_MORNING = Opening(1, 480, 720)
TERMS = Terms((MONDAY_MORNING, Opening(1, 840, 1440)), 30, 15, 120)


def test_openings_that_touch_or_are_apart_are_fine() -> None:
    check_terms(replace(TERMS, openings=(Opening(1, 720, 800), MONDAY_MORNING, Opening(2, 480, 720))))


@pytest.mark.parametrize(
    "other", [Opening(1, 719, 800), Opening(1, 400, 481), Opening(1, 900, 900), Opening(1, 901, 900)]
)
def test_openings_that_overlap_or_are_empty_are_refused(other: Opening) -> None:
    with pytest.raises(OpeningHoursOverlap):
        check_terms(replace(TERMS, openings=(MONDAY_MORNING, other)))


def test_terms_that_no_booking_could_keep_are_refused() -> None:
    with pytest.raises(TermsUnbookable):
        check_terms(replace(TERMS, longest_minutes=100))
    with pytest.raises(TermsUnbookable):
        check_terms(replace(TERMS, openings=(Opening(1, 480, 500),)))


def test_a_space_is_open_at_china_s_time_and_24_00_is_midnight() -> None:
    week = list(open_periods(TERMS.openings, clock(1, 0), clock(8, 0)))
    assert week == [(clock(1, 8), clock(1, 12)), (clock(1, 14), clock(2, 0))]


def test_only_openings_that_touch_the_period_count() -> None:
    assert list(open_periods(TERMS.openings, clock(1, 12), clock(1, 14))) == []
    assert list(open_periods(TERMS.openings, clock(1, 11, 59), clock(1, 14))) == [(clock(1, 8), clock(1, 12))]
