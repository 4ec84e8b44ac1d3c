"""What a deed earns."""

import pytest

from services.points.earning.rules import EarnsNothing, points_for


@pytest.mark.parametrize(("quantity", "earned"), [(30, 5), (59, 9), (120, 20), (100_000, 50)])
def test_points_are_rounded_down_and_capped_per_deed(quantity: int, earned: int) -> None:
    assert points_for(quantity, points=10, per_quantity=60, points_max_per_deed=50) == earned


def test_a_deed_too_small_for_a_point_is_refused() -> None:
    with pytest.raises(EarnsNothing):
        points_for(5, points=10, per_quantity=60, points_max_per_deed=50)
