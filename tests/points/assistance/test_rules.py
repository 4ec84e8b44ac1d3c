"""How much the desk may do in a day."""

import pytest

from services.points.assistance.rules import (
    ACTS_MAX_PER_RESIDENT_AND_DAY,
    POINTS_MAX_PER_ACT,
    POINTS_MAX_PER_CLERK_AND_DAY,
    POINTS_MAX_PER_RESIDENT_AND_DAY,
    AssistedLimitReached,
    Today,
    check_limits,
)


@pytest.mark.parametrize(
    ("today", "points"),
    [
        (Today(0, 0, 0), POINTS_MAX_PER_ACT),
        (Today(POINTS_MAX_PER_RESIDENT_AND_DAY - 5, 1, 0), 5),
        (Today(0, ACTS_MAX_PER_RESIDENT_AND_DAY - 1, 0), 0),
        (Today(0, 0, POINTS_MAX_PER_CLERK_AND_DAY - 7), 7),
    ],
)
def test_each_limit_is_reached_and_not_passed(today: Today, points: int) -> None:
    check_limits(today, points)
    beyond = Today(today.resident_points, ACTS_MAX_PER_RESIDENT_AND_DAY, today.clerk_points)
    with pytest.raises(AssistedLimitReached) as refused:
        check_limits(beyond if points == 0 else today, points + 1)
    assert refused.value.left in {points, 0}


def test_a_refusal_names_its_limit_and_what_is_left() -> None:
    with pytest.raises(AssistedLimitReached) as refused:
        check_limits(Today(0, 0, POINTS_MAX_PER_CLERK_AND_DAY - 3), 4)
    assert (refused.value.left, refused.value.required) == (3, 4)
    assert "clerk" in refused.value.limit
