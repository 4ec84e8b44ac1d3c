"""The language of formulas: exact, and with nothing in it that could do anything."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.formula import FormulaInvalid, parse

VARIABLES = ("minutes", "photos", "weekday")
KNOWN = {"minutes": 95, "photos": 2, "weekday": 6}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("minutes / 60", Fraction(95, 60)),
        ("minutes * 10 // 60", Fraction(15)),
        ("minutes * 2 if weekday >= 6 else minutes", Fraction(190)),
        ("(photos > 1) * 5 + min(minutes, 60)", Fraction(65)),
        ("10 if weekday == 6 and not photos > 2 else 0", Fraction(10)),
        ("10 if weekday == 7 or photos != 2 else 3", Fraction(3)),
        ("minutes / photos if photos else 0", Fraction(95, 2)),
        ("-(photos - 5)", Fraction(3)),
    ],
)
def test_a_formula_comes_to_what_it_says(formula: str, value: Fraction) -> None:
    assert parse(formula, VARIABLES).value(KNOWN) == value


def test_a_choice_looks_at_the_branch_that_is_taken_alone() -> None:
    assert parse("0 if photos == 2 else minutes / (photos - 2)", VARIABLES).value(KNOWN) == 0


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "1",
        "1.5 * minutes",
        "minutes ** 2",
        "minutes % 2",
        "__import__('os')",
        "minutes.__class__",
        "open",
        "min(minutes)",
        "min(minutes, key=1)",
        "max(*minutes, 1)",
        "[minutes for _ in (1, 2)]",
        "lambda: minutes",
        "1 < minutes < 3",
        "minutes in (1, 2)",
        "minutes is photos",
        "True + minutes",
        "(x := minutes)",
        "f'{minutes}'",
        "smiles + minutes",
        "minutes; minutes",
        "minutes\0",
        "+".join(["minutes"] * 51),
        "(" * 400 + "minutes" + ")" * 400,
    ],
)
def test_the_language_has_nothing_else(formula: str) -> None:
    with pytest.raises(FormulaInvalid):
        parse(formula, VARIABLES)


FORMULAS = st.recursive(
    st.sampled_from([*VARIABLES, "3", "17"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "<", "=="]), inner).map(
            lambda p: f"({p[0]} {p[1]} {p[2]})"
        ),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
        st.tuples(inner, inner).map(lambda p: f"max({p[0]}, {p[1]})"),
    ),
    max_leaves=8,
).map(lambda inner: f"photos + {inner}")


@given(FORMULAS, st.fixed_dictionaries({name: st.integers(0, 10**9) for name in VARIABLES}))
def test_any_formula_comes_to_what_arithmetic_says(formula: str, known: dict[str, int]) -> None:
    exact = re.sub(r"\b(\d+)\b", r"Fraction(\1)", formula)
    try:
        expected = eval(exact, {"Fraction": Fraction}, {n: Fraction(v) for n, v in known.items()})  # noqa: S307
    except ZeroDivisionError:
        with pytest.raises(ZeroDivisionError):
            parse(formula, VARIABLES).value(known)
    else:
        assert parse(formula, VARIABLES).value(known) == expected
