"""What a deed earns."""

from datetime import datetime

import pytest

from services.points.earning.rules import EarnsNothing, EvidenceMissing, Worth, understood
from shared.formula import FormulaInvalid

SATURDAY = datetime.fromisoformat("2026-06-20T07:30:00+08:00")
BY_THE_HOUR = Worth("quantity * points // per_quantity", 10, 60, 50)


@pytest.mark.parametrize(("quantity", "earned"), [(30, 5), (59, 9), (120, 20), (100_000, 50)])
def test_points_are_rounded_down_and_capped_per_deed(quantity: int, earned: int) -> None:
    assert BY_THE_HOUR.of(quantity, SATURDAY, {}) == earned


def test_a_deed_too_small_for_a_point_is_refused() -> None:
    with pytest.raises(EarnsNothing):
        BY_THE_HOUR.of(5, SATURDAY, {})
    with pytest.raises(EarnsNothing):
        Worth("quantity / (points - 10)", 10, 60, 50).of(5, SATURDAY, {})


@pytest.mark.parametrize(
    ("formula", "earned"),
    [
        ("quantity / 7", 17),
        ("quantity * points // per_quantity * (2 if weekday >= 6 else 1)", 40),
        ("15 if hour < 8 else 5 * quantity", 15),
        ("5 * photos + 10 * seen + 0 * quantity", 25),
    ],
)
def test_a_rule_counts_quantity_time_and_evidence(formula: str, earned: int) -> None:
    counted = Worth(formula, 10, 60, 50, ("photos", "seen"))
    assert counted.of(120, SATURDAY, {"photos": 3, "seen": True}) == earned


@pytest.mark.parametrize("evidence", [{}, {"photos": 3}, {"photos": "three", "place": "library"}])
def test_a_deed_without_the_evidence_that_its_rule_asks_for_earns_nothing(evidence: dict[str, object]) -> None:
    with pytest.raises(EvidenceMissing):
        Worth("photos * points", 10, 60, 50, ("photos", "place")).of(120, SATURDAY, evidence)


def test_a_formula_speaks_of_no_evidence_that_is_not_asked_for() -> None:
    assert understood("photos * points", ["photos"]).names == {"photos", "points"}
    with pytest.raises(FormulaInvalid):
        understood("photos * points", [])
