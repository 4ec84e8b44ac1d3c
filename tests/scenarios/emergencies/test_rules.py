"""A plan gives each space one fate."""

import pytest

from services.scenarios.emergencies.rules import PlanInadmissible, check_plan


@pytest.mark.parametrize(
    ("takeover", "essential", "refuges", "known"),
    [([], ["b"], [], 1), (["a"], ["a"], [], 1), (["a"], [], ["a"], 1), (["a"], ["b"], ["c"], 2)],
)
def test_a_plan_that_contradicts_itself_is_refused(
    takeover: list[str], essential: list[str], refuges: list[str], known: int
) -> None:
    check_plan(["a"], ["b"], ["b", "c"], 3)
    with pytest.raises(PlanInadmissible):
        check_plan(takeover, essential, refuges, known)
