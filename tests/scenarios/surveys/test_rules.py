"""What an instrument may ask, and what a stratified sample says."""

from fractions import Fraction
from statistics import mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scenarios.surveys.rules import (
    AnswersInadmissible,
    InstrumentInadmissible,
    Question,
    check_answers,
    check_instrument,
    differing,
    estimate,
    fingerprint,
)

OVERALL = Question("总体", "总体满意吗", "scale", overall=True)
WISH = Question("需要", "最需要什么", "choice", {"食堂": 11, "托育": 4, "停车": 21}, most=2)

scores = st.lists(st.integers(1, 5), min_size=2, max_size=30)


@given(first=scores, second=scores, sizes=st.tuples(st.integers(30, 500), st.integers(30, 500)))
def test_the_estimate_is_the_textbooks_for_a_stratified_sample(
    first: list[int], second: list[int], sizes: tuple[int, int]
) -> None:
    given_scores = {"一幢": first, "二幢": second}
    strata = dict(zip(given_scores, sizes, strict=True))
    found = estimate(strata, given_scores, {key: len(one) for key, one in given_scores.items()})
    weights = {key: size / sum(sizes) for key, size in strata.items()}
    expected = sum(weights[key] * mean(one) for key, one in given_scores.items())
    spread = sum(
        weights[key] ** 2 * (1 - len(one) / strata[key]) * variance(one) / len(one) for key, one in given_scores.items()
    )
    half = 1.96 * spread**0.5
    assert found.mean_milli is not None
    assert found.low_milli is not None
    assert found.high_milli is not None
    assert abs(found.mean_milli - expected * 1000) <= 1
    assert abs(found.low_milli - max(expected - half, 1) * 1000) <= 2
    assert abs(found.high_milli - min(expected + half, 5) * 1000) <= 2
    assert found.low_milli <= found.mean_milli <= found.high_milli


@pytest.mark.parametrize(
    ("fives", "fours", "households", "passed"),
    [
        (50, 50, 200, True),  # a mean of 4.5 exactly, of half the households exactly
        (49, 51, 200, False),
        (50, 50, 201, False),
        (100, 0, 201, False),
    ],
)
def test_the_gates_at_their_bounds(fives: int, fours: int, households: int, *, passed: bool) -> None:
    found = estimate({"全体": households}, {"全体": [5] * fives + [4] * fours}, {"全体": fives + fours})
    assert found.passed is passed
    assert found.enough_households == (Fraction(fives + fours, households) >= Fraction(1, 2))


def test_a_few_happy_buildings_do_not_speak_for_the_others() -> None:
    strata = {"新楼": 100, "老楼": 900}
    found = estimate(strata, {"新楼": [5] * 100, "老楼": [4] * 450}, {"新楼": 100, "老楼": 450})
    assert found.mean_milli == 4_100  # 4.18 if nothing were weighted
    silent = estimate(strata, {"新楼": [5] * 100}, {"新楼": 100})
    assert (silent.uncovered, silent.passed) == (("老楼",), False)


def test_without_an_answer_there_is_no_mean_and_whom_all_were_asked_no_doubt() -> None:
    nobody = estimate({"全体": 10}, {}, {})
    assert (nobody.mean_milli, nobody.low_milli, nobody.passed) == (None, None, False)
    everybody = estimate({"全体": 4}, {"全体": [5, 4, 5, 4]}, {"全体": 4})
    assert everybody.low_milli == everybody.mean_milli == everybody.high_milli == 4_500


def test_one_household_is_counted_once_however_many_of_it_answer() -> None:
    assert not estimate({"全体": 4}, {"全体": [5, 5, 5]}, {"全体": 1}).enough_households


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"总体": 0, "需要": ["食堂"]},
        {"总体": 6, "需要": ["食堂"]},
        {"总体": True, "需要": ["食堂"]},
        {"总体": 5, "需要": []},
        {"总体": 5, "需要": ["食堂", "托育", "停车"]},
        {"总体": 5, "需要": ["食堂", "食堂"]},
        {"总体": 5, "需要": ["泳池"]},
        {"总体": 5, "需要": 3},
        {"总体": 5, "需要": ["食堂"], "别的": 1},
    ],
)
def test_answers_that_the_instrument_does_not_ask_for_are_refused(answers: dict[str, object]) -> None:
    check_answers([OVERALL, WISH], {"总体": 5, "需要": ["食堂", "停车"]})
    with pytest.raises(AnswersInadmissible):
        check_answers([OVERALL, WISH], answers)


@pytest.mark.parametrize(
    "questions",
    [
        [WISH],
        [OVERALL, Question("又一", "也总体", "scale", overall=True)],
        [OVERALL, OVERALL],
        [OVERALL, Question("空", "没有选项", "choice")],
        [OVERALL, Question("多", "选得太多", "choice", {"一": 1}, most=2)],
        [OVERALL, Question("分", "有选项的分", "scale", {"一": 1})],
    ],
)
def test_an_instrument_nobody_could_answer_is_refused(questions: list[Question]) -> None:
    check_instrument("satisfaction", [OVERALL, WISH])
    check_instrument("demand", [WISH])
    with pytest.raises(InstrumentInadmissible):
        check_instrument("satisfaction", questions)


def test_another_word_is_another_instrument() -> None:
    assert fingerprint([OVERALL]) == fingerprint([Question("总体", "总体满意吗", "scale", overall=True)])
    assert fingerprint([OVERALL]) != fingerprint([Question("总体", "总体上满意吗", "scale", overall=True)])


def test_two_entries_differ_in_what_was_read_differently() -> None:
    assert differing({"a": 1, "b": [2]}, {"a": 1, "b": [2]}) == []
    assert differing({"a": 1, "b": [2]}, {"a": 2, "c": 1}) == ["a", "b", "c"]
