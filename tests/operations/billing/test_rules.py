"""Rules of billing, over ten years of dates."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.operations.billing.rules import (
    NotMatched,
    Payment,
    check_match,
    due_fen,
    month_after,
    months_of,
    payment,
    periods,
    share_fen,
)

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
EVERY = st.sampled_from([1, 2, 3, 4, 6, 12])
FEN = st.integers(0, 10**13)


@given(DAYS, st.integers(0, 3_700), EVERY, FEN)
def test_over_ten_years_periods_do_not_drift_nor_leave_gaps_and_only_the_last_is_a_part(
    starts_on: date, days: int, every: int, amount: int
) -> None:
    ends_on = starts_on + timedelta(days=days)
    found = periods(starts_on, ends_on, every)
    assert (found[0].first, found[-1].last) == (starts_on, ends_on)
    assert all(after.first == before.last + timedelta(days=1) for before, after in pairwise(found))
    for number, period in enumerate(found):
        last_of_month = month_after(date(period.first.year, period.first.month, 1), 1) - timedelta(days=1)
        assert period.first.day in {starts_on.day, last_of_month.day}
        assert period.first.day == min(starts_on.day, last_of_month.day)
        months = (period.first.year - starts_on.year) * 12 + period.first.month - starts_on.month
        assert months == number * every
    assert all(due_fen(amount, period) == amount for period in found[:-1])
    assert 0 <= due_fen(amount, found[-1]) <= amount


def test_from_the_31st_every_month_has_its_last_day_and_comes_back_to_the_31st() -> None:
    firsts = [period.first for period in periods(date(2027, 1, 31), date(2028, 3, 30), 1)]
    assert [day.strftime("%m-%d") for day in firsts] == [
        "01-31",
        "02-28",
        "03-31",
        "04-30",
        "05-31",
        "06-30",
        "07-31",
        "08-31",
        "09-30",
        "10-31",
        "11-30",
        "12-31",
        "01-31",
        "02-29",
    ]


@given(FEN, st.integers(1, 366), st.data())
def test_the_parts_of_a_whole_come_to_the_whole_within_half_a_fen_each(
    amount: int, whole: int, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, whole))
    parts = share_fen(amount, cut, whole) + share_fen(amount, whole - cut, whole)
    assert abs(parts - amount) <= 1
    assert share_fen(amount, whole, whole) == amount


@given(FEN, st.lists(st.integers(0, 10_000), max_size=12), st.integers(0, 10_000))
def test_whatever_is_taken_off_and_kept_back_the_sums_add_up(amount: int, deductions: list[int], kept: int) -> None:
    paid = payment(amount, deductions, kept)
    assert paid.delivered == paid.abated + paid.retained + paid.payable == amount
    assert min(paid.abated, paid.retained, paid.payable) >= 0


def test_a_deduction_is_of_its_months_part() -> None:
    assert payment(30_000, [1_000, 0, 0], 500) == Payment(30_000, 1_000, 1_450, 27_550)
    assert payment(30_000, [], 0) == Payment(30_000, 0, 0, 30_000)
    assert payment(100, [10_000, 10_000], 0).payable == 0


def test_a_period_answers_for_the_months_that_end_in_it() -> None:
    [quarter] = periods(date(2026, 1, 15), date(2026, 4, 14), 3)
    assert months_of(quarter) == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


def test_an_invoice_is_over_what_was_delivered_and_no_more_than_is_due() -> None:
    check_match(100, 80, 80)
    for due, delivered, invoiced in ((100, 80, 81), (100, 80, 79), (100, None, 100), (100, 101, 101)):
        with pytest.raises(NotMatched):
            check_match(due, delivered, invoiced)
