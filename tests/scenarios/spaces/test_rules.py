"""When a space is open, and what its terms must be."""

from dataclasses import replace

import pytest

from services.scenarios.spaces.rules import (
    Opening,
    OpeningHoursOverlap,
    Terms,
    TermsUnbookable,
    check_terms,
)

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


@pytest.mark.parametrize("hours", [((480, 720), (700, 800)), ((480, 480),), ((600, 500),)])
def test_hours_of_holidays_and_of_make_up_workdays_are_checked_like_those_of_weekdays(
    hours: tuple[tuple[int, int], ...],
) -> None:
    for terms in (replace(TERMS, holiday_hours=hours), replace(TERMS, make_up_workday_hours=hours)):
        with pytest.raises(OpeningHoursOverlap):
            check_terms(terms)
    check_terms(replace(TERMS, holiday_hours=(), make_up_workday_hours=((540, 1020),)))
