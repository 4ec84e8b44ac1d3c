"""What a year's money says."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.operations.sufficiency.rules import Year, assess

YEAR = Year(
    cost_fen=26_000_000, income_fen=7_800_000, subsidy_fen=18_200_000, in_kind_fen=13_000_000, reserve_fen=6_500_000
)
FEN = st.integers(0, 10**13)


def test_the_ratio_counts_own_income_in_cash_and_with_what_is_given_in_kind() -> None:
    found = assess(YEAR)
    assert (found.cash, found.with_in_kind, found.reserve_months) == (Fraction(3, 10), Fraction(8, 15), Fraction(3))
    assert (found.balance_fen, found.months_left) == (0, None)


def test_if_the_subsidy_falls_by_30_percent_the_year_loses_it_and_the_reserve_lasts_so_long() -> None:
    found = assess(YEAR, subsidy_cut_bp=3_000)
    assert (found.balance_fen, found.months_left) == (-5_460_000, 14)
    assert found.cash == Fraction(3, 10)


def test_a_cut_subsidy_is_rounded_down_to_the_fen() -> None:
    assert assess(replace(YEAR, subsidy_fen=18_200_001), subsidy_cut_bp=3_000).balance_fen == -5_460_000
    assert assess(replace(YEAR, subsidy_fen=18_199_999), subsidy_cut_bp=3_000).balance_fen == -5_460_001


YEARS = st.builds(
    Year, cost_fen=st.integers(1, 10**13), income_fen=FEN, subsidy_fen=FEN, in_kind_fen=FEN, reserve_fen=FEN
)


@given(YEARS, st.integers(0, 10_000))
def test_the_months_left_are_the_last_that_the_reserve_pays_for(year: Year, cut_bp: int) -> None:
    found = assess(year, subsidy_cut_bp=cut_bp)
    if found.months_left is None:
        assert found.balance_fen >= 0
    else:
        loss = -found.balance_fen
        assert found.months_left * loss <= year.reserve_fen * 12 < (found.months_left + 1) * loss
    assert found.cash <= found.with_in_kind or found.cash > 1
