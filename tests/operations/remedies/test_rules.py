"""When a remedy goes on."""

import pytest

from services.operations.remedies.rules import (
    NEXT,
    AuditedByOwnHand,
    RemedyState,
    RemedyStepRefused,
    Taken,
    check_auditor,
    check_step,
    is_fixed,
)
from tests.operations.ground import NOW

STATES = list(NEXT)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("asked", STATES)
def test_only_the_steps_of_the_table_are_taken(state: RemedyState, asked: RemedyState) -> None:
    taken = [] if state == "listed" else [Taken(state, NOW, "staff:li")]
    if asked in NEXT[state]:
        check_step(taken, asked)
    else:
        with pytest.raises(RemedyStepRefused):
            check_step(taken, asked)


def test_who_planned_or_did_the_work_does_not_audit_it() -> None:
    taken = [Taken("planned", NOW, "staff:li"), Taken("done", NOW, "staff:wu")]
    for hand in ("staff:li", "staff:wu"):
        with pytest.raises(AuditedByOwnHand):
            check_auditor(taken, hand)
    check_auditor(taken, "staff:chen")


@pytest.mark.parametrize(("after_bp", "fixed"), [(3_000, False), (3_500, False), (4_000, False), (4_001, True)])
def test_closed_is_not_fixed_until_it_would_not_be_listed_again(after_bp: int, *, fixed: bool) -> None:
    assert is_fixed(3_000, after_bp, 4_000) is fixed
