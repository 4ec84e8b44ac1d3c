"""Rules of KPIs: the language of formulas, ratios and what falling short costs."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from services.operations.kpis.rules import (
    DisputeWindowClosed,
    check_disputable,
    check_formula,
    deduct_bp,
    evaluate,
    month_end,
    period_of,
    ratio_bp,
    state_of,
)
from services.operations.terms.rules import Abatement
from shared.formula import FormulaInvalid

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
COUNTED = {"attendances": 30, "bookings": 12, "redemptions": None, "points_redeemed": None}


@pytest.mark.parametrize(
    ("moment", "period"),
    [
        (datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 11, 30, 16, 0, 0, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_month_begins_at_midnight_in_china(moment: datetime, period: date) -> None:
    assert period_of(moment) == period


def test_the_last_day_of_each_month() -> None:
    assert [month_end(date(2028, month, 1)).day for month in (1, 2, 4, 12)] == [31, 29, 30, 31]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("attendances", Fraction(30)),
        ("attendances + 2 * bookings", Fraction(54)),
        ("attendances / 7", Fraction(30, 7)),
        ("min(attendances, 20) - max(bookings, 1, 3)", Fraction(8)),
        ("-(bookings - 2) * 3", Fraction(-30)),
        ("attendances + redemptions", Fraction(30)),
        ("redemptions", None),
        ("bookings / redemptions", None),
    ],
)
def test_a_formula_is_exact_and_no_data_is_no_value(formula: str, value: Fraction | None) -> None:
    assert evaluate(formula, COUNTED) == value


def test_a_formula_speaks_of_what_is_counted_and_of_nothing_else() -> None:
    assert check_formula("attendances + min(bookings, 3)") == {"attendances", "bookings"}
    with pytest.raises(FormulaInvalid):
        check_formula("attendances + smiles")


def test_ratios_are_rounded_down_and_nobody_is_met_by_no_data() -> None:
    assert [ratio_bp(Fraction(n), 300) for n in (0, 299, 300, 400)] == [0, 9_966, 10_000, 13_333]
    assert ratio_bp(None, 300) is None
    assert [state_of(r) for r in (None, 0, 9_999, 10_000)] == ["no_data", "short", "short", "met"]


def test_the_gravest_deduction_of_those_that_apply() -> None:
    steps = (Abatement(below_bp=10_000, deduct_bp=200), Abatement(below_bp=8_000, deduct_bp=1_000))
    assert [deduct_bp(ratio, steps) for ratio in (10_000, 9_999, 8_000, 7_999, None)] == [0, 200, 200, 1_000, None]
    assert deduct_bp(None, ()) == 0


def test_a_result_is_final_after_15_days() -> None:
    check_disputable(NOON, NOON + timedelta(days=15))
    with pytest.raises(DisputeWindowClosed):
        check_disputable(NOON, NOON + timedelta(days=15, seconds=1))
