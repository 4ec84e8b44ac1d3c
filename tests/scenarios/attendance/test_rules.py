"""When one may check in and out, what proves presence, and how many minutes count."""

from datetime import datetime

import pytest

from services.scenarios.attendance.rules import (
    OutBeforeIn,
    OutsideActivity,
    TimeNotAllowed,
    WrongCode,
    check_code,
    count_minutes,
    moment_of,
)
from shared.assistance import Channel
from shared.clock import Period
from shared.errors import Refusal
from tests.scenarios.people import ACTIVITY, clock


def test_a_resident_shows_the_code_in_whatever_case_and_the_desk_needs_none() -> None:
    check_code("abcd2345", "ABCD2345", itself=True)
    check_code(None, "ABCD2345", itself=False)


@pytest.mark.parametrize("shown", [None, "", "ABCD2346", "签到"])
def test_a_resident_without_the_code_is_refused(shown: str | None) -> None:
    with pytest.raises(WrongCode):
        check_code(shown, "ABCD2345", itself=True)


@pytest.mark.parametrize("now", [clock(1, 8), clock(1, 9), clock(1, 12)])
def test_one_checks_in_and_out_now_from_an_hour_before_to_an_hour_after(now: datetime) -> None:
    assert moment_of(None, "app", ACTIVITY, now) == now


def test_a_paper_list_is_entered_up_to_a_week_later() -> None:
    assert moment_of(clock(1, 9), "paper", ACTIVITY, clock(8, 11)) == clock(1, 9)


@pytest.mark.parametrize(
    ("at", "channel", "now", "refusal"),
    [
        (None, "app", clock(1, 7, 59), OutsideActivity),
        (None, "desk", clock(1, 12, 1), OutsideActivity),
        (clock(1, 7), "paper", clock(1, 10), OutsideActivity),
        (clock(1, 9), "paper", clock(8, 11, 1), OutsideActivity),
        (clock(1, 9), "desk", clock(1, 10), TimeNotAllowed),
        (clock(1, 9), "app", clock(1, 10), TimeNotAllowed),
        (clock(1, 10, 1), "paper", clock(1, 10), TimeNotAllowed),
    ],
)
def test_a_time_too_early_too_late_or_made_up_is_refused(
    at: datetime | None, channel: Channel, now: datetime, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        moment_of(at, channel, ACTIVITY, now)


@pytest.mark.parametrize(
    ("presence", "minutes"),
    [
        ((clock(1, 9), clock(1, 11)), 120),
        ((clock(1, 8), clock(1, 12)), 120),  # waiting before and after does not count
        ((clock(1, 9, 30), clock(1, 9, 30)), 0),
        ((clock(1, 8), clock(1, 8, 30)), 0),
        ((clock(1, 9), clock(1, 9, 1).replace(second=59)), 1),
    ],
)
def test_whole_minutes_within_the_activity_count(presence: Period, minutes: int) -> None:
    assert count_minutes(presence, ACTIVITY) == minutes


def test_nobody_leaves_before_coming() -> None:
    with pytest.raises(OutBeforeIn):
        count_minutes((clock(1, 10), clock(1, 9)), ACTIVITY)
