"""What an activity must be, and when one may still sign up."""

from datetime import datetime, timedelta

import pytest

from services.scenarios.activities.rules import (
    ActivityFull,
    ActivityOver,
    AlreadySignedUp,
    TimesInadmissible,
    check_times,
    why_no_seat,
)
from tests.scenarios.people import clock


@pytest.mark.parametrize("now", [clock(1, 7), clock(1, 9), clock(1, 10, 59)])
def test_an_activity_may_be_to_come_or_under_way(now: datetime) -> None:
    check_times(clock(1, 9), clock(1, 11), now)


@pytest.mark.parametrize(
    ("ends_at", "now"),
    [
        (clock(1, 9), clock(1, 7)),
        (clock(1, 8), clock(1, 7)),
        (clock(1, 9) + timedelta(hours=25), clock(1, 7)),
        (clock(1, 11), clock(1, 11)),
    ],
)
def test_an_activity_that_is_reversed_too_long_or_over_is_refused(ends_at: datetime, now: datetime) -> None:
    with pytest.raises(TimesInadmissible):
        check_times(clock(1, 9), ends_at, now)


def test_who_has_a_seat_hears_so_before_anything_else() -> None:
    over = clock(1, 11)
    assert isinstance(why_no_seat(signed_up=True, ends_at=over, capacity=1, now=over), AlreadySignedUp)
    assert isinstance(why_no_seat(signed_up=False, ends_at=over, capacity=1, now=over), ActivityOver)
    assert isinstance(why_no_seat(signed_up=False, ends_at=over, capacity=1, now=clock(1, 10)), ActivityFull)
