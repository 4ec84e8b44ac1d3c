"""Rules of KPIs: the language of formulas, ratios and what falling short costs."""

import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.operations.kpis.rules import (
    VARIABLES,
    DisputeWindowClosed,
    FormulaInvalid,
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


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "1",
        "1.5 * bookings",
        "bookings ** 2",
        "bookings // 2",
        "__import__('os')",
        "bookings.__class__",
        "open",
        "min(bookings)",
        "min(bookings, key=1)",
        "max(*bookings, 1)",
        "[bookings for _ in (1, 2)]",
        "lambda: bookings",
        "bookings if bookings else 1",
        "bookings < 3",
        "True + bookings",
        "f'{bookings}'",
        "smiles",
        "bookings; bookings",
        "bookings\0",
        "+".join(["bookings"] * 31),
        "(" * 400 + "bookings" + ")" * 400,
    ],
)
def test_the_language_has_nothing_else(formula: str) -> None:
    with pytest.raises(FormulaInvalid):
        check_formula(formula)


ATOMS = st.sampled_from([*VARIABLES, "3", "17"])
FORMULAS = st.recursive(
    ATOMS,
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
    max_leaves=8,
).map(lambda inner: f"bookings + {inner}")


@given(FORMULAS, st.fixed_dictionaries({name: st.integers(0, 10**9) for name in VARIABLES}))
def test_any_formula_comes_to_what_arithmetic_says(formula: str, counted: dict[str, int | None]) -> None:
    exact = re.sub(r"\b(\d+)\b", r"Fraction(\1)", formula)
    known = {name: Fraction(number or 0) for name, number in counted.items()}
    try:
        expected = eval(exact, {"Fraction": Fraction}, known)  # noqa: S307 - a formula made above
    except ZeroDivisionError:
        expected = None
    assert evaluate(formula, counted) == expected


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
