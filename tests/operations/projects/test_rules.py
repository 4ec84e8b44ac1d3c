"""Rules of projects."""

from datetime import date

import pytest

from services.operations.projects.rules import (
    GATES,
    STAGES,
    EvidenceMissing,
    NotTheStage,
    Plan,
    PlanOutOfOrder,
    Stage,
    check_gate,
    check_plan,
    current_stage,
    standing,
)

BASELINE = Plan(applying=date(2026, 3, 1), creating=date(2026, 9, 1), accepting=date(2026, 12, 1))


def test_a_plan_whose_stages_cross_is_refused() -> None:
    check_plan(BASELINE)
    with pytest.raises(PlanOutOfOrder):
        check_plan(Plan(applying=date(2026, 3, 1), creating=date(2026, 2, 28), accepting=date(2026, 12, 1)))


def test_the_stages_come_one_after_the_other() -> None:
    passed: dict[Stage, date] = {}
    for stage in STAGES[:-1]:
        assert current_stage(passed) == stage
        passed[stage] = date(2026, 1, 1)
    assert current_stage(passed) == "operating"


def test_a_gate_takes_all_its_papers_and_only_in_its_turn() -> None:
    papers = dict.fromkeys(GATES["applying"], "2026-001")
    check_gate("applying", "applying", papers)
    with pytest.raises(EvidenceMissing, match="resident_survey"):
        check_gate("applying", "applying", {**papers, "resident_survey": " "})
    with pytest.raises(NotTheStage):
        check_gate("applying", "creating", papers)
    with pytest.raises(NotTheStage):
        check_gate("operating", "operating", papers)


def test_slippage_is_measured_against_the_first_plan_and_pushes_what_follows() -> None:
    replanned = Plan(applying=date(2026, 3, 1), creating=date(2026, 10, 1), accepting=date(2026, 12, 15))
    applying, creating, accepting = standing(
        BASELINE, replanned, {"applying": date(2026, 2, 27)}, today=date(2026, 10, 11)
    )
    assert (applying.slip_days, applying.forecast) == (-2, date(2026, 2, 27))
    assert (creating.slip_days, creating.forecast) == (40, date(2026, 10, 11))
    assert (accepting.slip_days, accepting.forecast) == (None, date(2026, 12, 25))
