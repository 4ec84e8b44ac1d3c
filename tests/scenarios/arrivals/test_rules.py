"""Missed bookings: a warning, a week, a month, and forgotten after ninety days."""

from datetime import datetime, timedelta

import pytest

from services.scenarios.arrivals.rules import OutsideArrival, Standing, check_arrival, standing
from tests.scenarios.people import clock

NOW = clock(31, 12)


def ago(*days: int) -> list[datetime]:
    return [NOW - timedelta(days=count) for count in days]


@pytest.mark.parametrize(
    ("missed", "expected"),
    [
        ([], Standing(0, None)),
        (ago(1), Standing(1, None)),
        (ago(1, 20), Standing(2, NOW + timedelta(days=6))),
        (ago(8, 20), Standing(2, None)),
        (ago(1, 2, 20), Standing(3, NOW + timedelta(days=29))),
        (ago(1, 2, 3, 4, 20), Standing(5, NOW + timedelta(days=29))),
        (ago(1, 90), Standing(1, None)),
        (ago(1, 89), Standing(2, NOW + timedelta(days=6))),
    ],
)
def test_what_follows_is_graduated_and_expires(missed: list[datetime], expected: Standing) -> None:
    assert standing(missed, NOW) == expected


@pytest.mark.parametrize(("hour", "minute", "state"), [(8, 29, "confirmed"), (10, 0, "confirmed"), (9, 0, "cancelled")])
def test_one_arrives_from_half_an_hour_before_to_the_end(hour: int, minute: int, state: str) -> None:
    check_arrival("confirmed", clock(1, 9), clock(1, 10), clock(1, 8, 30))
    with pytest.raises(OutsideArrival):
        check_arrival(state, clock(1, 9), clock(1, 10), clock(1, hour, minute))
