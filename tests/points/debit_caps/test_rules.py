"""What counts against a cap, and what it leaves."""

import pytest

from services.points.debit_caps.rules import (
    ALL,
    Cap,
    DebitCapReached,
    Exposure,
    Headroom,
    headrooms,
    tightest,
    why,
    within,
)

A, B, C = "330102001051", "330281002015", "330102001052"
CAPS = [Cap(ALL, 150, 200), Cap(B, 80, 100), Cap(C, 1, 1)]


def test_against_the_cap_for_all_counts_what_is_owed_to_each_and_no_claim_is_set_off() -> None:
    exposures = {B: Exposure(40, 10), C: Exposure(60, 0), "330102001053": Exposure(-500, 20)}
    assert headrooms(CAPS, exposures, B) == [
        Headroom(CAPS[0], Exposure(100, 10)),
        Headroom(CAPS[1], Exposure(40, 10)),
    ]
    assert [room.left for room in headrooms(CAPS, exposures, B)] == [90, 50]
    assert tightest(headrooms(CAPS, exposures, B)) == Headroom(CAPS[1], Exposure(40, 10))


def test_a_claim_on_the_counterparty_itself_is_room() -> None:
    [_, pair] = headrooms(CAPS, {B: Exposure(-30, 0)}, B)
    assert pair.left == 130


@pytest.mark.parametrize(("points", "passed"), [(80, []), (81, [B]), (100, [B]), (101, None)])
def test_a_quote_passes_the_soft_limit_before_the_hard_one_refuses_it(points: int, passed: list[str] | None) -> None:
    rooms = headrooms(CAPS, {B: Exposure(0, points)}, B)
    if passed is None:
        with pytest.raises(DebitCapReached) as refused:
            within(A, rooms, 1)
        assert (refused.value.left, refused.value.counterparty) == (0, B)
    else:
        assert [room.cap.counterparty for room in within(A, rooms, points)] == passed


def test_the_soft_limit_is_passed_once() -> None:
    assert within(A, headrooms(CAPS, {B: Exposure(90, 5)}, B), 5) == []


def test_a_cap_below_what_is_owed_leaves_nothing() -> None:
    assert Headroom(Cap(B, 5, 10), Exposure(50, 0)).left == 0


def test_why_names_the_cap_that_decides_and_what_counts_against_it() -> None:
    zh, en = why(Headroom(Cap(B, 80, 100), Exposure(40, 10)))
    assert (B in zh, "100" in zh, "40" in en, "50 left" in en) == (True, True, True, True)
    assert "全部其他社区" in why(Headroom(Cap(ALL, 1, 2), Exposure()))[0]
    assert "未设" in why(None)[0]
