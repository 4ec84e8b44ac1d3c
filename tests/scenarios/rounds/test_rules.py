"""Who gets which slot: held against every allotment that there could be."""

import hashlib
import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations

import pytest

from services.scenarios.rounds.rules import (
    Applicant,
    ChoicesInadmissible,
    Method,
    RoundInadmissible,
    allot,
    check_choices,
    check_round,
    explain,
    rank_of,
    ticket_of,
)
from tests.scenarios.people import NOW

CATEGORIES = ("elder", "child", "general")
Priorities = list[list[str]]


def instance(chance: random.Random, people: int, slots: int) -> tuple[list[Applicant], Priorities]:
    """Return applicants with random choices and slots with random priorities."""
    numbers = chance.sample(range(1000), people)
    applicants = [
        Applicant(f"{n:03}", chance.choice(CATEGORIES), tuple(chance.sample(range(slots), chance.randint(1, slots))))
        for n in numbers
    ]
    return applicants, [chance.sample(CATEGORIES, chance.randint(0, 3)) for _ in range(slots)]


def liking(one: Applicant, slot: int | None) -> int:
    """Return how far down its list a slot is; no slot comes after all of them."""
    return len(one.choices) if slot is None else one.choices.index(slot)


def is_stable(got: dict[str, int], applicants: list[Applicant], priorities: Priorities) -> bool:
    """Tell whether nobody would rather have a slot that is free, or is had by somebody whom it ranks lower."""
    holders = {slot: one for one in applicants for slot in (got.get(one.ticket),) if slot is not None}
    for one in applicants:
        for slot in one.choices[: liking(one, got.get(one.ticket))]:
            first = priorities[slot]
            if slot not in holders or rank_of(one, first) < rank_of(holders[slot], first):
                return False
    return True


def every_allotment(applicants: list[Applicant], slots: int) -> Iterator[dict[str, int]]:
    """Yield each allotment in which everybody has a slot of its choice, or none."""
    nothing = [None] * len(applicants)
    for given in set(permutations([*range(slots), *nothing], len(applicants))):
        pairs = list(zip(applicants, given, strict=True))
        if all(slot is None or slot in one.choices for one, slot in pairs):
            yield {one.ticket: slot for one, slot in pairs if slot is not None}


@pytest.mark.parametrize("seed", range(30))
def test_deferred_acceptance_is_the_best_for_everybody_of_all_stable_allotments(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    applicants, priorities = instance(chance, chance.randint(1, 4), chance.randint(1, 3))
    got = allot("deferred-acceptance", applicants, priorities)
    stable = [a for a in every_allotment(applicants, len(priorities)) if is_stable(a, applicants, priorities)]
    assert got in stable
    for one in applicants:
        assert liking(one, got.get(one.ticket)) == min(liking(one, a.get(one.ticket)) for a in stable)


@pytest.mark.parametrize("seed", range(5))
def test_a_round_of_two_hundred_is_stable_and_does_not_depend_on_the_order_of_applications(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    applicants, priorities = instance(chance, 200, 40)
    got = allot("deferred-acceptance", applicants, priorities)
    assert is_stable(got, applicants, priorities)
    assert got == allot("deferred-acceptance", chance.sample(applicants, 200), priorities)


@pytest.mark.parametrize("seed", range(5))
def test_in_a_lottery_each_takes_the_dearest_that_is_left_in_the_order_of_tickets(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    applicants, priorities = instance(chance, 60, 30)
    left, taken = set(range(30)), {}
    for one in sorted(applicants, key=lambda one: one.ticket):
        if slot := next((slot for slot in one.choices if slot in left), -1) + 1:
            taken[one.ticket] = slot - 1
            left.remove(slot - 1)
    assert allot("lottery", applicants, priorities) == taken


@pytest.mark.parametrize("method", ["lottery", "deferred-acceptance"])
def test_each_choice_has_a_reason_that_is_true(method: Method) -> None:
    applicants, priorities = instance(random.Random(7), 60, 20)  # noqa: S311 - the same each time
    got, everybody = allot(method, applicants, priorities), {one.ticket: one for one in applicants}
    for one in applicants:
        reasons = explain(method, one, got, everybody, priorities)
        assert [reason.slot for reason in reasons] == list(one.choices)
        mine = liking(one, got.get(one.ticket))
        for place, reason in enumerate(reasons):
            expected = "given-to-a-better-rank" if place < mine else "got" if place == mine else "not-needed"
            assert reason.outcome == expected
            assert (reason.holder < reason.rank) or reason.outcome != "given-to-a-better-rank"


def test_a_ticket_can_be_worked_out_by_anybody() -> None:
    one = uuid.UUID("00000000-0000-0000-0000-000000000001")
    assert ticket_of("seed", one) == hashlib.sha256(b"seed:00000000-0000-0000-0000-000000000001").hexdigest()


def test_rounds_and_choices_that_make_no_sense_are_refused() -> None:
    hour = timedelta(hours=1)
    check_round(NOW, NOW + hour, [NOW + 2 * hour], NOW)
    for opens, closes, start in ((NOW, NOW, NOW + hour), (NOW - 2 * hour, NOW - hour, NOW), (NOW, NOW + hour, NOW)):
        with pytest.raises(RoundInadmissible):
            check_round(opens, closes, [start], NOW)
    check_choices([1, 0], 2)
    for choices in ([], [0, 0], [2], [-1]):
        with pytest.raises(ChoicesInadmissible):
            check_choices(choices, 2)
