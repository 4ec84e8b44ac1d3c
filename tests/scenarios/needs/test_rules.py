"""A need list orders what was chosen."""

from services.scenarios.needs.rules import Wanted, needs_of


def test_the_most_wanted_come_first_and_what_nobody_wants_is_no_need() -> None:
    choices = {"q": {"a": 2, "b": 5, "c": 0, "d": 2}, "r": {"e": 1}}
    indicators = {"q": {"a": 1, "b": 2, "c": 3, "d": 4}, "r": {"e": 5}}
    assert needs_of(choices, indicators) == [
        Wanted("q", "b", 5, 1, 2),
        Wanted("q", "a", 2, 2, 1),
        Wanted("q", "d", 2, 2, 4),
        Wanted("r", "e", 1, 4, 5),
    ]
