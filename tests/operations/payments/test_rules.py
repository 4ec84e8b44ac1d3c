"""Approvals by amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.operations.fund.rules import TIERS_USUAL
from services.operations.payments.rules import ApprovalNotNeeded, check_approval, levels_for, missing


@pytest.mark.parametrize(
    ("amount_fen", "levels"), [(1, [12]), (500_000, [12]), (500_001, [9]), (5_000_000, [9]), (5_000_001, [9, 6])]
)
def test_the_amount_says_which_approvals_it_takes(amount_fen: int, levels: list[int]) -> None:
    assert levels_for(amount_fen, TIERS_USUAL) == levels


def test_an_approver_stands_for_one_level_and_a_higher_one_may_stand_in_for_a_lower() -> None:
    assert missing([9, 6], [12]) == [9, 6]
    assert missing([9, 6], [9]) == [6]
    assert missing([9, 6], [6]) == [6]
    assert missing([9, 6], [6, 9]) == []
    assert missing([9, 6], [9, 9]) == [6]
    assert missing([9, 6], [6, 6]) == []


def test_an_approval_that_brings_it_no_further_is_refused() -> None:
    assert check_approval(1, [9, 6], {}, "staff:a", 9) is False
    assert check_approval(1, [9, 6], {"staff:a": 9}, "staff:b", 6) is True
    for before, by, level in (({}, "staff:a", 12), ({"staff:a": 9}, "staff:b", 9), ({"staff:a": 9}, "staff:a", 6)):
        with pytest.raises(ApprovalNotNeeded):
            check_approval(1, [9, 6], before, by, level)


@given(st.lists(st.sampled_from([6, 9, 12]), max_size=4), st.lists(st.sampled_from([6, 9, 12]), max_size=6))
def test_as_many_are_met_as_can_be(needed: list[int], given_levels: list[int]) -> None:
    left = missing(needed, given_levels)
    # Greedy from the narrowest is best: a brute count of the pairs that fit says so.
    pairs, free = 0, sorted(given_levels)
    for want in sorted(needed):
        fit = next((level for level in free if level <= want), None)
        if fit is not None:
            free.remove(fit)
            pairs += 1
    assert len(needed) - len(left) == pairs
