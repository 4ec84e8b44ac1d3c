"""What hours give, and until when."""

from datetime import UTC, date, datetime

import pytest

from services.points.conversions.rules import (
    ConversionCapReached,
    Rule,
    UnevenHours,
    expires_on,
    month_of,
    points_for,
)

RULE = Rule(per_quarters=4, points=10, quarters_max_per_month=40, valid_months=12)


def test_whole_parts_give_points_and_nothing_is_rounded_away() -> None:
    assert points_for(RULE, 8, 0) == 20
    for uneven in (1, 3, 5, 39):
        with pytest.raises(UnevenHours):
            points_for(RULE, uneven, 0)


def test_a_months_cap_holds_to_the_last_quarter() -> None:
    assert points_for(RULE, 4, 36) == 10
    with pytest.raises(ConversionCapReached):
        points_for(RULE, 4, 37)


def test_points_are_good_for_no_longer_than_the_hours_were() -> None:
    today = date(2026, 6, 15)
    assert expires_on(RULE, today, date(2026, 8, 31)) == date(2026, 8, 31)
    assert expires_on(RULE, today, date(2030, 8, 31)) == date(2027, 6, 30)


def test_a_month_begins_on_its_first() -> None:
    assert month_of(datetime(2026, 6, 30, 23, 59, tzinfo=UTC)) == date(2026, 6, 1)
