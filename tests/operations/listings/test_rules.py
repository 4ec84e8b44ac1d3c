"""Rules of the lists."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.operations.listings.rules import (
    NEXT,
    Decision,
    DecisionOutOfOrder,
    ListingStepRefused,
    Scope,
    State,
    TermInvalid,
    TooEarlyToRehabilitate,
    check_rehabilitation,
    check_step,
    check_term,
    check_way_out,
    is_debarred_from,
    standing,
)

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
STEPS = [(state, asked) for state in NEXT for asked in NEXT]


ALLOWED = {
    ("candidate", "listed"),
    ("listed", "watched"),
    ("listed", "debarred"),
    ("watched", "listed"),
    ("watched", "debarred"),
    ("debarred", "listed"),
    ("debarred", "watched"),
}


@pytest.mark.parametrize(("state", "asked"), STEPS)
def test_the_steps_between_the_lists_and_no_others(state: State, asked: State) -> None:
    if (state, asked) in ALLOWED:
        check_step(state, NOON, asked=asked, asked_effective_at=NOON)
    else:
        with pytest.raises(ListingStepRefused):
            check_step(state, NOON, asked=asked, asked_effective_at=NOON)


def test_out_of_a_debarment_leads_no_plain_decision() -> None:
    check_way_out("debarred", "appeal", "listed")
    with pytest.raises(ListingStepRefused):
        check_way_out("debarred", "decision", "listed")


def decided(revision: int, state: State, **facts: Any) -> Decision:  # noqa: ANN401 - its own fields
    return Decision(
        **{"revision": revision, "state": state, "scope": Scope(), "effective_at": NOON, "ends_at": None, **facts}
    )


def test_the_gravest_state_of_the_scopes_that_cover_the_question_counts() -> None:
    food = Scope(area="330281", scene="service")
    history = [decided(1, "candidate"), decided(2, "listed"), decided(3, "debarred", scope=food)]
    assert standing(history, NOON) == "listed"
    assert standing(history, NOON, "330281002015", "service") == "debarred"
    assert standing(history, NOON, "330281002015", "health") == "listed"
    assert standing(history, NOON, "330102001051", "service") == "listed"
    assert standing(history, NOON - timedelta(seconds=1)) is None


def test_a_debarment_ends_with_its_term_and_the_state_before_is_back() -> None:
    week = NOON + timedelta(days=7)
    history = [decided(1, "candidate"), decided(2, "watched"), decided(3, "debarred", ends_at=week)]
    assert standing(history, week - timedelta(microseconds=1)) == "debarred"
    assert standing(history, week) == "watched"


def test_a_debarment_to_come_bars_an_award_today() -> None:
    history = [decided(1, "candidate"), decided(2, "listed")]
    assert not is_debarred_from(history, NOON, "330281002015", "")
    coming = [*history, decided(3, "debarred", effective_at=NOON + timedelta(days=1))]
    assert is_debarred_from(coming, NOON, "330281002015", "")
    assert not is_debarred_from([*coming, decided(4, "listed")], NOON, "330281002015", "")


def test_a_term_ends_after_it_starts() -> None:
    check_term(NOON, None)
    with pytest.raises(TermInvalid):
        check_term(NOON, NOON)


def test_rehabilitation_takes_a_debarment_of_90_days() -> None:
    check_rehabilitation("debarred", NOON, NOON + timedelta(days=90))
    with pytest.raises(TooEarlyToRehabilitate):
        check_rehabilitation("debarred", NOON, NOON + timedelta(days=89))
    with pytest.raises(ListingStepRefused):
        check_rehabilitation("watched", NOON, NOON + timedelta(days=900))


def test_a_decision_takes_no_effect_before_the_one_it_follows() -> None:
    with pytest.raises(DecisionOutOfOrder):
        check_step("listed", NOON, asked="debarred", asked_effective_at=NOON - timedelta(seconds=1))
