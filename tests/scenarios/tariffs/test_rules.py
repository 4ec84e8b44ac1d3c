"""What a booking costs, and how the saga goes: forward step by step, and backwards from wherever it fails."""

from collections.abc import Iterator

import pytest

from services.scenarios.tariffs.rules import (
    FREE,
    SAGA,
    Charge,
    PaymentState,
    Tariff,
    after,
    charge_for,
    next_task,
    state_of,
)

HALL = Tariff(3_000, 5_000, 20, 30, frozenset({"60-79", "80+"}))


@pytest.mark.parametrize(
    ("minutes", "band", "expected"),
    [
        (60, "18-59", Charge(3_000, 20)),
        (30, None, Charge(1_500, 10)),
        (50, None, Charge(2_500, 17)),
        (1, None, Charge(50, 1)),
        (240, "0-17", Charge(5_000, 30)),
        (240, "80+", FREE),
    ],
)
def test_a_booking_costs_its_minutes_up_to_the_cap_unless_it_is_free(
    minutes: int, band: str | None, expected: Charge
) -> None:
    assert charge_for(HALL, minutes, band) == expected


def test_a_space_without_a_tariff_is_free_and_one_without_a_price_in_points_takes_none() -> None:
    assert charge_for(None, 60, None) == FREE
    assert charge_for(Tariff(3_000, 5_000, None, None, frozenset()), 60, None) == Charge(3_000, None)


def tasks(fails_at: int, *, over_at_the_end: bool = False) -> Iterator[tuple[str, PaymentState]]:
    """Yield what is done, and the state then, when the step with a number fails."""
    done, undoing, over = 0, False, over_at_the_end
    while True:
        task = next_task(done, undoing=undoing)
        if task is None and not (over and not undoing):
            return
        if task is None:
            undoing, over = True, False
            continue
        done, undoing = after(done, undoing=undoing, succeeded=undoing or done != fails_at)
        yield task[0], state_of(done, undoing=undoing)


def test_whatever_fails_what_was_done_before_is_undone_in_reverse() -> None:
    assert list(tasks(9)) == [("hold", "paying"), ("confirm", "paying"), ("capture", "paid")]
    assert list(tasks(0)) == [("hold", "unpaid")]
    assert list(tasks(1)) == [("hold", "paying"), ("confirm", "returning"), ("release", "unpaid")]
    assert list(tasks(2))[2:] == [("capture", "returning"), ("cancel", "returning"), ("release", "unpaid")]
    given_up = [("refund", "returning"), ("cancel", "returning"), ("release", "unpaid")]
    assert list(tasks(9, over_at_the_end=True))[3:] == given_up
    assert len({task for step in SAGA for task in (step.task, step.compensation)}) == 2 * len(SAGA)
