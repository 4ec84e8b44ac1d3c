"""What may be booked, when a space is free, and why not."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.scenarios.bookings.rules import (
    Offer,
    OutsideOpeningHours,
    PeriodOffGrid,
    PeriodPast,
    PeriodReversed,
    PeriodTooFar,
    PeriodTooLong,
    SearchTooLong,
    admit_period,
    alternatives,
    check_search,
    claimed_period,
    free_periods,
    next_free,
)
from services.scenarios.spaces.rules import Opening, Period, Terms
from shared.errors import Inadmissible
from tests.scenarios.people import clock

TERMS = Terms((Opening(1, 480, 720), Opening(1, 840, 1080)), 30, 15, 120)
NOW = clock(1, 7)
DAY: Period = (clock(1, 0), clock(2, 0))


@pytest.mark.parametrize(
    "period", [(clock(1, 8), clock(1, 8, 30)), (clock(1, 10), clock(1, 12)), (clock(1, 17, 30), clock(1, 18))]
)
def test_a_period_on_the_slots_within_an_opening_is_admitted(period: Period) -> None:
    admit_period(TERMS, period, NOW)


@pytest.mark.parametrize(
    ("start", "end", "refusal"),
    [
        (clock(1, 9), clock(1, 9), PeriodReversed),
        (clock(1, 9), clock(1, 8), PeriodReversed),
        (clock(1, 6, 30), clock(1, 8, 30), PeriodPast),
        (clock(1, 9) + timedelta(weeks=26), clock(1, 10) + timedelta(weeks=26), PeriodTooFar),
        (clock(1, 8), clock(1, 10, 30), PeriodTooLong),
        (clock(1, 7, 30), clock(1, 8, 30), OutsideOpeningHours),
        (clock(1, 11, 30), clock(1, 12, 30), OutsideOpeningHours),
        (clock(1, 12), clock(1, 13), OutsideOpeningHours),
        (clock(2, 9), clock(2, 10), OutsideOpeningHours),
        (clock(1, 8, 15), clock(1, 8, 45), PeriodOffGrid),
        (clock(1, 8), clock(1, 8, 20), PeriodOffGrid),
    ],
)
def test_a_period_that_the_terms_do_not_allow_is_refused(
    start: datetime, end: datetime, refusal: type[Inadmissible]
) -> None:
    with pytest.raises(refusal):
        admit_period(TERMS, (start, end), NOW)


def test_a_refusal_outside_opening_hours_says_when_it_is_open() -> None:
    with pytest.raises(OutsideOpeningHours) as refused:
        admit_period(TERMS, (clock(1, 12), clock(1, 13)), NOW)
    assert refused.value.facts() == {"day": "2027-03-01", "open": "08:00–12:00、14:00–18:00"}
    with pytest.raises(OutsideOpeningHours) as refused:
        admit_period(TERMS, (clock(2, 12), clock(2, 13)), NOW)
    assert refused.value.open == "不开放 closed"


def test_a_claim_has_the_buffer_inside() -> None:
    assert claimed_period(TERMS, (clock(1, 8), clock(1, 9))) == (clock(1, 8), clock(1, 9, 15))


def test_a_space_without_claims_is_free_whenever_it_is_open() -> None:
    assert list(free_periods(TERMS, [], DAY)) == [(clock(1, 8), clock(1, 12)), (clock(1, 14), clock(1, 18))]


def test_a_free_period_leaves_room_for_the_buffers_on_both_sides() -> None:
    claimed = claimed_period(TERMS, (clock(1, 10), clock(1, 10, 30)))
    assert list(free_periods(TERMS, [claimed], DAY)) == [
        (clock(1, 8), clock(1, 9, 30)),  # 10:00 would leave no quarter of an hour to clean
        (clock(1, 11), clock(1, 12)),
        (clock(1, 14), clock(1, 18)),
    ]


def test_a_free_period_keeps_within_what_was_asked_on_the_slots() -> None:
    within = (clock(1, 8, 10), clock(1, 9, 50))
    assert list(free_periods(TERMS, [], within)) == [(clock(1, 8, 30), clock(1, 9, 30))]


def test_whatever_is_free_can_be_booked_and_whatever_is_not_cannot() -> None:
    terms = replace(TERMS, longest_minutes=30)
    claims = [
        claimed_period(terms, (clock(1, h, m), clock(1, h, m + 30))) for h, m in ((8, 0), (9, 0), (11, 0), (15, 0))
    ]
    free = list(free_periods(terms, claims, DAY))
    for slot in range(48):
        start = clock(1, 0) + slot * terms.slot
        period = (start, start + terms.slot)
        in_free = any(a <= start and period[1] <= b for a, b in free)
        try:
            admit_period(terms, period, clock(1, 0))
        except Inadmissible:
            bookable = False
        else:
            claim = claimed_period(terms, period)
            bookable = all(claim[1] <= a or b <= claim[0] for a, b in claims)
        assert in_free == bookable, start


def test_the_next_free_periods_are_as_long_as_the_one_asked_for() -> None:
    claims = [claimed_period(TERMS, (clock(1, 8), clock(1, 10)))]
    found = next_free(TERMS, claims, (clock(1, 8), clock(1, 9)), NOW)
    assert found == [
        (clock(1, 10, 30), clock(1, 11, 30)),
        (clock(1, 14), clock(1, 15)),
        (clock(1, 15), clock(1, 16)),
    ]


def test_nothing_that_has_begun_is_offered() -> None:
    found = next_free(TERMS, [], (clock(1, 16), clock(1, 18)), clock(1, 16))
    assert found[0] == (clock(1, 16), clock(1, 18))


def test_a_search_is_bounded() -> None:
    check_search((clock(1, 0), clock(31, 0)))
    with pytest.raises(PeriodReversed):
        check_search((clock(2, 0), clock(1, 0)))
    with pytest.raises(SearchTooLong):
        check_search((clock(1, 0), clock(1, 0) + timedelta(days=32)))


def test_alternatives_are_plain_json_in_china_s_time() -> None:
    space_id = uuid.uuid4()
    assert alternatives([(clock(1, 8), clock(1, 9))], [Offer(space_id, "书房", TERMS)]) == {
        "same_space": [{"starts_at": "2027-03-01T08:00+08:00", "ends_at": "2027-03-01T09:00+08:00"}],
        "same_time": [{"space_id": str(space_id), "name": "书房"}],
    }
