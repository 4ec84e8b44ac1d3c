"""How an acceptance is judged."""

from dataclasses import replace
from fractions import Fraction

import pytest

from services.operations.acceptance.adopt_rubric import reference
from services.operations.acceptance.rules import (
    RubricOfAnotherType,
    Satisfaction,
    ScoreInadmissible,
    check_rubric,
    check_score,
    judge,
)

NEW, RENEWAL = reference("new_build"), reference("improvement")
CONTENT = Satisfaction(1_000, 500, 2_250)
FULL = {code: [item.points] * 3 for code, item in RENEWAL.items().items()}


def test_the_reference_has_five_dimensions_and_the_limits_that_are_quoted() -> None:
    assert [len(rubric.dimensions) for rubric in (NEW, RENEWAL)] == [5, 5]
    assert (NEW.pass_points, RENEWAL.pass_points) == (500, 360)
    for rubric in (NEW, RENEWAL):
        scene = rubric.dimensions[0]
        assert (scene.points, scene.bonus) == (360, 40)
        assert (rubric.satisfaction_min_centi, rubric.sample_min_bp) == (450, 5_000)


@pytest.mark.parametrize(("rubric", "limit"), [(NEW, 500), (RENEWAL, 360)])
def test_the_total_passes_at_its_limit_and_not_below(rubric: object, limit: int) -> None:
    judged_by = NEW if rubric is NEW else RENEWAL
    order = [item for item in judged_by.items().values() if not item.bonus]

    def total_of(points: int) -> dict[str, list[int]]:
        given, left = {}, points
        for item in order:
            given[item.code] = [min(item.points, left)] * 3
            left -= given[item.code][0]
        return given

    assert judge(judged_by, total_of(limit), CONTENT).passed
    assert not judge(judged_by, total_of(limit - 1), CONTENT).passed


def test_a_dimension_and_its_bonus_are_capped() -> None:
    found = judge(RENEWAL, FULL, CONTENT)
    scene = found.dimensions[0]
    assert [scene.points, scene.bonus, found.total] == [360, 40, 640]
    generous = replace(RENEWAL, dimensions=[replace(RENEWAL.dimensions[0], points=100, bonus=10)])
    assert judge(generous, FULL, CONTENT).total == 110


@pytest.mark.parametrize(
    ("satisfaction", "passed"),
    [
        (Satisfaction(1_000, 500, 2_250), True),
        (Satisfaction(1_000, 500, 2_249), False),
        (Satisfaction(1_000, 499, 2_495), False),
        (Satisfaction(999, 500, 2_250), True),
        (Satisfaction(1_001, 500, 2_250), False),
    ],
)
def test_satisfaction_is_a_gate_at_4_5_of_5_from_half_of_the_households(
    satisfaction: Satisfaction, *, passed: bool
) -> None:
    assert judge(RENEWAL, FULL, satisfaction).passed is passed


def test_several_assessors_count_by_their_median_and_where_they_differ_it_shows() -> None:
    found = judge(RENEWAL, {**FULL, "platform.in_use": [10, 40, 45], "platform.data": [20, 21]}, CONTENT)
    platform = found.dimensions[1]
    assert platform.points == Fraction(40) + Fraction(41, 2)
    assert (found.disputed, found.missing) == (["platform.in_use"], ["platform.data"])


def test_what_is_missing_is_named_and_does_not_pass() -> None:
    found = judge(RENEWAL, {code: points for code, points in FULL.items() if code != "plan.conformity"}, None)
    assert (found.missing, found.passed) == (["plan.conformity", "satisfaction"], False)
    bonus = {code: points for code, points in FULL.items() if code != "scene.bonus"}
    assert judge(RENEWAL, bonus, CONTENT).passed  # a bonus is no duty


def test_a_score_and_a_rubric_that_do_not_fit_are_refused() -> None:
    check_score(RENEWAL, "scene.health", 40)
    for item, points in (("scene.health", 41), ("scene.magic", 1)):
        with pytest.raises(ScoreInadmissible):
            check_score(RENEWAL, item, points)
    with pytest.raises(RubricOfAnotherType):
        check_rubric(RENEWAL, "new_build")
