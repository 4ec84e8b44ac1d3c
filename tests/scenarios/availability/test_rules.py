"""What may be booked, when a space is free, and why not."""

import uuid
from datetime import datetime, timedelta

import pytest

from services.scenarios.availability.rules import (
    Bookable,
    Offer,
    OutsideOpeningHours,
    PeriodOffGrid,
    PeriodPast,
    PeriodReversed,
    PeriodTooFar,
    PeriodTooLong,
    SearchTooLong,
    Window,
    admit_period,
    alternatives,
    check_search,
    claimed_period,
    next_free,
    on_slots,
    period_refusals,
)
from shared.clock import Period
from shared.errors import Inadmissible
from tests.scenarios.people import COMMUNITY, clock

HALF, QUARTER = timedelta(minutes=30), timedelta(minutes=15)
SPACE = Bookable(
    uuid.uuid4(), COMMUNITY, "会议室", (uuid.uuid4(),), HALF, QUARTER, timedelta(hours=2), approval_required=False
)
WINDOWS = [Window((clock(1, 8), clock(1, 12)), clock(1, 8)), Window((clock(1, 14), clock(1, 18)), clock(1, 14))]
NOW = clock(1, 7)


@pytest.mark.parametrize(
    "period", [(clock(1, 8), clock(1, 8, 30)), (clock(1, 10), clock(1, 12)), (clock(1, 17, 30), clock(1, 18))]
)
def test_a_period_on_the_slots_within_an_opening_is_admitted(period: Period) -> None:
    admit_period(SPACE, WINDOWS, period, NOW)


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
        admit_period(SPACE, WINDOWS, (start, end), NOW)


def test_a_refusal_outside_opening_hours_says_when_it_is_open() -> None:
    with pytest.raises(OutsideOpeningHours) as refused:
        admit_period(SPACE, WINDOWS, (clock(1, 12), clock(1, 13)), NOW)
    assert refused.value.facts() == {"day": "2027-03-01", "open": "08:00–12:00、14:00–18:00"}
    with pytest.raises(OutsideOpeningHours) as refused:
        admit_period(SPACE, [], (clock(2, 12), clock(2, 13)), NOW)
    assert refused.value.open == "不开放 closed"


def test_a_claim_has_the_buffer_inside() -> None:
    assert claimed_period(SPACE, (clock(1, 8), clock(1, 9))) == (clock(1, 8), clock(1, 9, 15))


def test_all_that_stands_against_a_period_is_told_at_once() -> None:
    refusals = [type(one) for one in period_refusals(SPACE, [], (clock(1, 6), clock(1, 9)), NOW)]
    assert refusals == [PeriodPast, PeriodTooLong, OutsideOpeningHours]


def test_what_is_free_is_rounded_to_whole_slots_counted_from_the_opening() -> None:
    opens = clock(1, 8)
    assert on_slots(SPACE, Window((clock(1, 8, 10), clock(1, 9, 50)), opens)) == (clock(1, 8, 30), clock(1, 9, 30))
    assert on_slots(SPACE, Window((clock(1, 8), clock(1, 9)), opens)) == (clock(1, 8), clock(1, 9))
    assert on_slots(SPACE, Window((clock(1, 8, 10), clock(1, 8, 50)), opens)) is None


def test_the_next_free_periods_are_as_long_as_the_one_asked_for() -> None:
    free = [(clock(1, 10, 30), clock(1, 12)), (clock(1, 14), clock(1, 18))]
    assert next_free(free, (clock(1, 8), clock(1, 9))) == [
        (clock(1, 10, 30), clock(1, 11, 30)),
        (clock(1, 14), clock(1, 15)),
        (clock(1, 15), clock(1, 16)),
    ]


def test_a_search_is_bounded() -> None:
    check_search((clock(1, 0), clock(31, 0)))
    with pytest.raises(PeriodReversed):
        check_search((clock(2, 0), clock(1, 0)))
    with pytest.raises(SearchTooLong):
        check_search((clock(1, 0), clock(1, 0) + timedelta(days=32)))


def test_alternatives_are_plain_json_in_china_s_time() -> None:
    space_id = uuid.uuid4()
    assert alternatives([(clock(1, 8), clock(1, 9))], [Offer(space_id, "书房")]) == {
        "same_space": [{"starts_at": "2027-03-01T08:00:00+08:00", "ends_at": "2027-03-01T09:00:00+08:00"}],
        "same_time": [{"space_id": str(space_id), "name": "书房"}],
    }
