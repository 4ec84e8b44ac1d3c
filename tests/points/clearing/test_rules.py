"""Who pays whom at the end of a netting window."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.points.clearing.rules import (
    HOUSE,
    Method,
    Payment,
    WindowNotReady,
    WindowState,
    compress,
    net_debts,
    only_in,
    payments,
)

# The table of docs/decisions/0009-netting-windows.md.
A, B, C, D, E = "330102001051", "330102001052", "330102001053", "330102001054", "330102001055"
DEBTS = [
    Payment(A, B, 120),
    Payment(B, C, 80),
    Payment(C, A, 50),
    Payment(C, D, 40),
    Payment(D, E, 30),
    Payment(E, B, 25),
    Payment(A, D, 10),
]
COMPRESSED = [Payment(A, B, 70), Payment(A, D, 10), Payment(B, C, 5), Payment(C, D, 15), Payment(D, E, 5)]
MULTILATERAL = [
    Payment(A, HOUSE, 80),
    Payment(C, HOUSE, 10),
    Payment(HOUSE, B, 65),
    Payment(HOUSE, D, 20),
    Payment(HOUSE, E, 5),
]


@st.composite
def debts(draw: st.DrawFn) -> list[Payment]:
    """Differences among up to nine communities, at most one for a pair."""
    codes = [f"33010200{n:04}" for n in range(draw(st.integers(2, 9)))]
    pairs = draw(
        st.sets(st.tuples(st.sampled_from(codes), st.sampled_from(codes)).filter(lambda pair: pair[0] < pair[1]))
    )
    found = []
    for one, other in sorted(pairs):
        points = draw(st.integers(1, 1_000))
        found.append(Payment(one, other, points) if draw(st.booleans()) else Payment(other, one, points))
    return found


def has_circle(owed: list[Payment]) -> bool:
    """Tell whether a circle runs in them, by taking off those who are owed by nobody."""
    left = list(owed)
    while left:
        creditors = {each.creditor for each in left}
        rest = [each for each in left if each.debtor in creditors]
        if len(rest) == len(left):
            return True
        left = rest
    return False


@pytest.mark.parametrize(
    ("method", "expected"),
    [(Method.BILATERAL, sorted(DEBTS)), (Method.COMPRESSED, COMPRESSED), (Method.MULTILATERAL, MULTILATERAL)],
)
def test_five_communities_with_circles_pay_what_was_reckoned_by_hand(method: Method, expected: list[Payment]) -> None:
    assert payments(method, DEBTS) == expected


@given(debts())
def test_no_method_changes_what_anyone_pays_over_all(owed: list[Payment]) -> None:
    nets = {code: net for code, net in net_debts(owed).items() if net}
    for method in Method:
        paid = net_debts(payments(method, owed))
        assert paid.pop(HOUSE, 0) == 0
        assert {code: net for code, net in paid.items() if net} == nets


@given(debts())
def test_after_compression_no_circle_is_left_and_nobody_pays_more_or_another(owed: list[Payment]) -> None:
    compressed = compress(owed)
    before = {(each.debtor, each.creditor): each.points for each in owed}
    assert not has_circle(compressed)
    assert all(0 < each.points <= before[each.debtor, each.creditor] for each in compressed)


@given(debts(), st.randoms())
def test_the_same_debts_in_any_order_give_the_same_payments(owed: list[Payment], dice: object) -> None:
    shuffled = sorted(owed, key=lambda _: dice.random())  # type: ignore[attr-defined]
    assert all(payments(method, owed) == payments(method, shuffled) for method in Method)


@given(debts())
def test_multilaterally_each_either_pays_the_house_once_or_is_paid_once(owed: list[Payment]) -> None:
    paid = payments(Method.MULTILATERAL, owed)
    assert all(HOUSE in (each.debtor, each.creditor) for each in paid)
    assert all(
        count == 1 for code, count in Counter(c for p in paid for c in (p.debtor, p.creditor)).items() if code != HOUSE
    )


def test_two_hundred_communities_that_all_owe_each_other_are_compressed_whole() -> None:
    codes = [f"33010200{n:04}" for n in range(200)]
    owed = [
        Payment(*((one, other) if (i * j) % 3 else (other, one)), (i * 31 + j * 17) % 97 + 1)
        for i, one in enumerate(codes)
        for j, other in enumerate(codes[:i])
    ]
    compressed = compress(owed)
    assert not has_circle(compressed)
    assert {c: n for c, n in net_debts(compressed).items() if n} == {c: n for c, n in net_debts(owed).items() if n}


def test_what_a_window_is_not_ready_for_is_refused() -> None:
    only_in(1, WindowState.OPEN, WindowState.OPEN, WindowState.CLOSED)
    with pytest.raises(WindowNotReady, match=r"Window 1 is settled; this takes a window that is open、closed\."):
        only_in(1, WindowState.SETTLED, WindowState.OPEN, WindowState.CLOSED)
