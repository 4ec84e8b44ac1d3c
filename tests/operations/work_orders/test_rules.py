"""What fails, until when, and which step follows which."""

from datetime import UTC, date, datetime

import pytest

from services.operations.checkups.rules import Facility, Subclass, Survey
from services.operations.work_orders.rules import (
    NEXT,
    AcceptedByOwnHand,
    Failure,
    Taken,
    WorkState,
    WorkStepRefused,
    check_step,
    due_on,
    failures,
)

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
SCHEME = [Subclass(code, "养老", code, "座", 10, 1) for code in ("canteen", "care", "clinic", "gym")]


def facility(percent: int, condition: int | None) -> Facility:
    return Facility("设施", percent * 10, percent // 10, condition, percent)


def test_what_is_known_and_below_60_percent_fails_and_below_30_it_is_urgent() -> None:
    found = {"canteen": [facility(60, 60)], "care": [facility(100, 59)], "clinic": []}
    assert failures(Survey(1_000, found), SCHEME) == [
        Failure("care", "care", ("condition",), "usual"),
        Failure("clinic", "clinic", ("coverage", "capacity", "condition", "use"), "urgent"),
    ]
    assert failures(Survey(1_000, {"care": [facility(100, None)], "gym": [facility(100, 29)]}), SCHEME) == [
        Failure("gym", "gym", ("condition",), "urgent")
    ]


def test_the_urgent_is_due_in_30_days_and_the_rest_in_90() -> None:
    assert due_on(date(2026, 1, 31), "urgent") == date(2026, 3, 2)
    assert due_on(date(2026, 1, 31), "usual") == date(2026, 5, 1)


@pytest.mark.parametrize("state", NEXT)
@pytest.mark.parametrize("asked", NEXT)
def test_the_steps_and_no_others(state: WorkState, asked: WorkState) -> None:
    taken = [] if state == "raised" else [Taken(state, NOON, "staff:a")]
    if asked in NEXT[state]:
        check_step(taken, asked, "staff:b")
    else:
        with pytest.raises(WorkStepRefused):
            check_step(taken, asked, "staff:b")


def test_nobody_accepts_what_they_assigned_or_did() -> None:
    taken = [Taken("assigned", NOON, "staff:a"), Taken("done", NOON, "staff:b")]
    for hand in ("staff:a", "staff:b"):
        for verdict in ("accepted", "sent_back"):
            with pytest.raises(AcceptedByOwnHand):
                check_step(taken, verdict, hand)
    check_step(taken, "accepted", "staff:c")
