"""Parts are whole, and nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from services.points.allotments.rules import allot, least_that_yields, rounded_down


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any))
def test_parts_and_residue_add_up_and_the_residue_is_less_than_there_are_shares(points: int, shares: list[int]) -> None:
    parts, residue = allot(points, shares)
    assert sum(parts) + residue == points
    assert 0 <= residue < len(shares)
    assert all(part * sum(shares) <= points * share for part, share in zip(parts, shares, strict=True))


@given(st.integers(1, 10**9), st.integers(1, 10**8), st.integers(0, 10**8))
def test_the_least_that_yields_an_amount_is_the_least(points: int, part: int, more: int) -> None:
    least = least_that_yields(points, part, part + more)
    assert rounded_down(least, part, part + more) == points
    assert rounded_down(least - 1, part, part + more) < points
