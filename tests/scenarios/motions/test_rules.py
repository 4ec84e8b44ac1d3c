"""Five stages, each of which owes something before it ends."""

from datetime import timedelta

import pytest

from services.scenarios.motions.rules import (
    STAGES,
    AnswersOwed,
    MotionStage,
    NotAtThisStage,
    PollTimesInadmissible,
    StageUnfinished,
    answer_due,
    check_finished,
    check_poll,
    following,
    require_stage,
)
from tests.scenarios.people import NOW


def test_the_stages_follow_each_other_to_the_end() -> None:
    assert [following(stage) for stage in STAGES[:-1]] == list(STAGES[1:])
    with pytest.raises(NotAtThisStage):
        following("closed")


@pytest.mark.parametrize("stage", ["wishes", "design", "vote", "supervision", "acceptance"])
def test_no_stage_ends_while_an_answer_is_owed(stage: MotionStage) -> None:
    with pytest.raises(AnswersOwed, match="2"):
        check_finished(stage, contributions=3, unanswered=2, prepared=True, counted=True)
    check_finished(stage, contributions=3, unanswered=0, prepared=True, counted=True)


@pytest.mark.parametrize(
    ("stage", "contributions", "prepared", "counted"),
    [("wishes", 0, True, True), ("design", 3, False, True), ("vote", 3, True, False), ("acceptance", 0, True, True)],
)
def test_a_stage_is_unfinished_without_what_it_is_there_for(
    stage: MotionStage, contributions: int, *, prepared: bool, counted: bool
) -> None:
    with pytest.raises(StageUnfinished):
        check_finished(stage, contributions=contributions, unanswered=0, prepared=prepared, counted=counted)


def test_what_belongs_to_another_stage_is_refused() -> None:
    require_stage("vote", "vote")
    with pytest.raises(NotAtThisStage):
        require_stage("design", "vote")


def test_a_poll_starts_in_the_future_and_ends_after_it_starts() -> None:
    later = NOW + timedelta(hours=1)
    check_poll(NOW, later, NOW)
    for opens, closes in ((NOW - timedelta(seconds=1), later), (later, later), (later, NOW)):
        with pytest.raises(PollTimesInadmissible):
            check_poll(opens, closes, NOW)


def test_an_answer_is_due_within_fifteen_days() -> None:
    assert answer_due(NOW) - NOW == timedelta(days=15)
