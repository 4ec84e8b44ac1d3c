"""Counting votes: held against votelib, which knows nothing of this, on random elections."""

from collections import Counter
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from votelib.convert import ApprovalToSimpleVotes
from votelib.evaluate.core import Plurality, Tie
from votelib.evaluate.threshold import AbsoluteThreshold

from services.scenarios.voting.rules import (
    ABSTAIN,
    NO,
    YES,
    BallotSpoilt,
    Form,
    FormInadmissible,
    Option,
    Paper,
    Roll,
    check_form,
    read_ballot,
    tally,
)

KEYS = tuple("abcdef")
DECISION = Form("decision", ())
WEIGHTY = Form("weighty-decision", ())
OPTIONS = tuple(Option(key) for key in KEYS)
ballots = st.lists(st.sets(st.sampled_from(KEYS)).map(lambda chosen: tuple(sorted(chosen))), max_size=40)
owners = st.lists(
    st.builds(Paper, st.sampled_from([(YES,), (NO,), (ABSTAIN,)]), st.integers(1, 20_000)), min_size=1, max_size=40
)


@given(chosen=ballots, places=st.integers(1, 5))
def test_an_approval_vote_equals_the_librarys(chosen: list[tuple[str, ...]], places: int) -> None:
    result = tally(Form("approval", OPTIONS, places), [Paper(one, 0) for one in chosen], Roll(100, 0))
    counted = dict.fromkeys(KEYS, 0) | ApprovalToSimpleVotes().convert(Counter(map(frozenset, chosen)))
    assert result.votes == counted
    elected = Plurality().evaluate(counted, places)
    ties = {key for one in elected if isinstance(one, Tie) for key in one}
    assert set(result.winners) == {one for one in elected if not isinstance(one, Tie)}
    assert set(result.tied) == ties


@given(papers=owners, absent=st.lists(st.integers(1, 20_000), max_size=15), form=st.sampled_from([DECISION, WEIGHTY]))
def test_a_double_majority_equals_the_librarys_by_head_and_by_area(
    papers: list[Paper], absent: list[int], form: Form
) -> None:
    roll = Roll(len(papers) + len(absent), sum(paper.area_dm2 for paper in papers) + sum(absent))
    weighed = {
        "heads": ([1] * len(papers), roll.heads),
        "area": ([paper.area_dm2 for paper in papers], roll.area_dm2),
    }
    agreed = []
    for weights, whole in weighed.values():
        votes: Counter[str] = Counter()
        for paper, weight in zip(papers, weights, strict=True):
            votes[paper.choices[0]] += weight
        present = sum(weights)
        share = Fraction(3, 4) if form is WEIGHTY else Fraction(1, 2)
        passed = AbsoluteThreshold(share * present, accept_equal=form is WEIGHTY).evaluate(votes)
        agreed.append(YES in passed and Fraction(present, whole) >= Fraction(2, 3))
    assert (tally(form, papers, roll).winners == (YES,)) == all(agreed)


@pytest.mark.parametrize(
    ("form", "yes", "no", "absent", "passes"),
    [
        (DECISION, 5, 5, 0, False),  # half is not more than half
        (DECISION, 6, 5, 0, True),
        (WEIGHTY, 9, 3, 0, True),  # three quarters exactly
        (WEIGHTY, 8, 3, 0, False),
        (DECISION, 8, 0, 4, True),  # two thirds took part
        (DECISION, 8, 0, 5, False),
    ],
)
def test_article_278_at_its_bounds(form: Form, yes: int, no: int, absent: int, *, passes: bool) -> None:
    papers = [Paper((YES,), 100)] * yes + [Paper((NO,), 100)] * no
    heads = yes + no + absent
    assert (tally(form, papers, Roll(heads, heads * 100)).winners == (YES,)) is passes


def test_many_small_flats_do_not_outvote_the_area_nor_one_large_owner_the_heads() -> None:
    small, large = [Paper((YES,), 50)] * 9, Paper((NO,), 10_000)
    assert tally(DECISION, [*small, large], Roll(10, 10_450)).winners == ()
    turned = [Paper((NO,), 50)] * 9 + [Paper((YES,), 10_000)]
    assert tally(DECISION, turned, Roll(10, 10_450)).winners == ()


def test_nobody_on_the_roll_decides_nothing() -> None:
    assert tally(DECISION, [], Roll(0, 0)).winners == ()


costs = st.lists(st.integers(1, 50), min_size=1, max_size=6)


@given(chosen=ballots, costs=costs, budget=st.integers(50, 120))
def test_a_budget_funds_the_best_approved_that_fits(
    chosen: list[tuple[str, ...]], costs: list[int], budget: int
) -> None:
    options = tuple(Option(key, cost) for key, cost in zip(KEYS, costs, strict=False))
    keys = {option.key for option in options}
    papers = [Paper(tuple(key for key in one if key in keys), 0) for one in chosen]
    funded = tally(Form("budget", options, budget_fen=budget), papers, Roll(100, 0)).winners
    approvals = Counter(key for paper in papers for key in paper.choices)
    rank = {option.key: (-approvals[option.key], option.cost_fen, n) for n, option in enumerate(options)}

    def feasible(some: tuple[Option, ...]) -> bool:
        return sum(option.cost_fen for option in some) <= budget and all(approvals[option.key] for option in some)

    # The greedy bundle is the one that is first in the order of ranks: of all bundles that can be paid, by brute force.
    bundles = [some for size in range(len(options) + 1) for some in combinations(options, size) if feasible(some)]
    ordered = sorted(options, key=lambda option: rank[option.key])
    best = max(bundles, key=lambda some: tuple(option in some for option in ordered))
    assert set(funded) == {option.key for option in best}


@given(choices=st.lists(st.sampled_from([*KEYS, "z"]), max_size=4))
def test_a_ballot_names_options_of_the_form_once_each_or_is_spoilt(choices: list[str]) -> None:
    if len(set(choices)) == len(choices) and "z" not in choices:
        assert read_ballot(Form("approval", OPTIONS), choices) == tuple(sorted(choices))
    else:
        with pytest.raises(BallotSpoilt):
            read_ballot(Form("approval", OPTIONS), choices)


@pytest.mark.parametrize("choices", [[], [YES, NO], ["maybe"]])
def test_a_decision_takes_one_choice(choices: list[str]) -> None:
    assert read_ballot(DECISION, [ABSTAIN]) == (ABSTAIN,)
    with pytest.raises(BallotSpoilt):
        read_ballot(DECISION, choices)


@pytest.mark.parametrize(
    "form",
    [
        Form("decision", OPTIONS),
        Form("approval", OPTIONS, places=6),
        Form("approval", (Option("a"), Option("a"), Option("b"))),
        Form("budget", ()),
        Form("budget", (Option("a", 0),), budget_fen=10),
        Form("budget", (Option("a", 11),), budget_fen=10),
    ],
)
def test_a_form_nobody_could_vote_on_is_refused(form: Form) -> None:
    with pytest.raises(FormInadmissible):
        check_form(form)


def test_sound_forms_are_admitted() -> None:
    for form in (DECISION, WEIGHTY, Form("approval", OPTIONS, 2), Form("budget", (Option("a", 9),), budget_fen=10)):
        check_form(form)
