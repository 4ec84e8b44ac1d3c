"""A loop looks often while there is something to find, and seldom in a quiet hour."""

from shared.pace import BUSY_S, QUIET_S, Pace


def test_who_finds_something_looks_again_at_once() -> None:
    pace = Pace()
    assert [pace.pause_s(found=True) for _ in range(3)] == [0.0, 0.0, 0.0]


def test_who_finds_nothing_looks_less_and_less_often_but_never_seldomer_than_when_it_is_quiet() -> None:
    pace = Pace()
    pauses = [pace.pause_s(found=False) for _ in range(20)]
    assert pauses == sorted(pauses)
    assert pauses[0] == BUSY_S
    assert pauses[-1] == QUIET_S


def test_a_find_ends_the_quiet() -> None:
    pace = Pace()
    for _ in range(20):
        pace.pause_s(found=False)
    pace.pause_s(found=True)
    assert pace.pause_s(found=False) == BUSY_S
