"""How use is measured, when it is low, and which stage follows."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scenarios.vacancy.rules import (
    LOW_PERMILLE,
    NEXT,
    RECOVERED_PERMILLE,
    STAGES,
    Counted,
    FunctionUse,
    Mode,
    Opened,
    Profile,
    Stage,
    StageNotNext,
    TrialTooShort,
    Use,
    WindowInadmissible,
    check_next,
    check_trial,
    check_window,
    is_low,
    measured,
)
from shared.clock import Period
from tests.scenarios.people import clock

NOTHING = Counted(0, 0, 0, 0, 0, {})
BOOKED = Profile("booked", capacity=20, households=1_500, annual_cost_fen=36_500_00)
WALK_IN = Profile("walk-in", capacity=4, households=1_500, annual_cost_fen=36_500_00)


def days(count: int) -> Period:
    return clock(1, 0), clock(1, 0) + timedelta(days=count)


def opened(minutes: int, **by_function: int) -> Opened:
    return Opened(minutes, by_function or {"base": minutes})


def counted(uses: int, minutes: int, people: int, users: int, **by_function: int) -> Counted:
    return Counted(uses, minutes, people, min(uses, people), users, by_function or {"base": minutes})


def test_a_booked_space_has_minutes_and_a_walk_in_one_has_visits_in_them() -> None:
    day = clock(1, 0), clock(2, 0)
    assert measured(BOOKED, NOTHING, opened(12 * 60), day).bookable == 12 * 60
    assert measured(WALK_IN, NOTHING, opened(12 * 60), day).bookable == 12 * 4


def test_each_function_is_a_share_of_its_own_minutes() -> None:
    seen = counted(4, 270, 0, 3, base=30, market=240)
    use = measured(BOOKED, seen, opened(900, base=720, market=480, fair=60), days(1))
    assert use.utilisation_permille == 300
    assert use.by_function == (
        FunctionUse("base", 30, 720, 41), FunctionUse("fair", 0, 60, 0), FunctionUse("market", 240, 480, 500),
    )  # fmt: skip
    assert measured(WALK_IN, seen, opened(900), days(1)).by_function == ()


def test_the_measures_of_a_booked_space() -> None:
    use = measured(BOOKED, Counted(30, 2_700, 240, 24, 18, {"base": 2_700}), opened(21_600), days(30))
    assert (use.used, use.utilisation_permille, use.fill_permille, use.reach_permille) == (2_700, 125, 500, 12)
    assert use.cost_per_use_fen == 300_000 // 30


def test_the_measures_of_a_walk_in_space() -> None:
    use = measured(WALK_IN, counted(11, 0, 11, 10), opened(180 * 12 * 60), days(180))
    assert (use.used, use.utilisation_permille, use.reach_permille) == (11, 1, 6)
    assert use.cost_per_use_fen == 163_637  # 1.8 million fen by eleven, rounded up


def test_what_was_never_used_has_no_cost_per_use_and_what_nobody_counted_no_fill() -> None:
    use = measured(BOOKED, NOTHING, opened(0), days(30))
    assert (use.utilisation_permille, use.fill_permille, use.cost_per_use_fen) == (0, None, None)


MODES: tuple[Mode, ...] = ("booked", "walk-in")


def of(mode: Mode, used: int, bookable: int) -> Use:
    return Use(mode, used, bookable, 0, 0, 0, None, 0, None)


@given(mode=st.sampled_from(MODES), used=st.integers(0, 10**6), bookable=st.integers(1, 10**6), was_low=st.booleans())
def test_low_is_below_the_lower_bound_and_stays_so_up_to_the_upper(
    mode: Mode, used: int, bookable: int, *, was_low: bool
) -> None:
    share = Fraction(used, bookable)
    low = Fraction(LOW_PERMILLE[mode], 1000)
    recovered = Fraction(RECOVERED_PERMILLE[mode], 1000)
    assert is_low(of(mode, used, bookable), was_low=was_low) == (share < (recovered if was_low else low))


def test_what_was_never_open_is_not_called_empty() -> None:
    assert not is_low(of("booked", 0, 0), was_low=False)
    assert is_low(of("booked", 0, 0), was_low=True)


def test_a_case_goes_stage_by_stage_and_closes_only_from_a_measurement() -> None:
    for stage in STAGES:
        for to in STAGES:
            if to in NEXT[stage]:
                check_next(stage, to)
            else:
                with pytest.raises(StageNotNext):
                    check_next(stage, to)
    assert [stage for stage in STAGES if "closed" in NEXT[stage]] == ["measure"]
    assert [stage for stage in STAGES if "measure" in NEXT[stage]] == ["trial"]


def reaches(stage: Stage, seen: frozenset[Stage] = frozenset()) -> bool:
    return stage == "closed" or any(reaches(to, seen | {stage}) for to in NEXT[stage] - seen)


def test_every_stage_leads_to_the_end() -> None:
    assert all(reaches(stage) for stage in STAGES)


def test_a_trial_lasts_four_weeks_before_it_is_measured() -> None:
    start = clock(1, 9)
    check_trial(start, start + timedelta(days=28))
    with pytest.raises(TrialTooShort, match="2027-03-29"):
        check_trial(start, start + timedelta(days=28, seconds=-1))


def test_a_window_has_a_length_and_at_most_a_year() -> None:
    check_window(clock(1, 0), clock(1, 1))
    for end in (clock(1, 0), clock(1, 0) + timedelta(days=367)):
        with pytest.raises(WindowInadmissible):
            check_window(clock(1, 0), end)
