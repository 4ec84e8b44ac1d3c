"""What points of one community are worth in another."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.points.exchange.rules import (
    BASIS,
    Moving,
    NoticeTooShort,
    QuoteSpent,
    Terms,
    TermsOutOfOrder,
    discount_at,
    divide,
    price_before_discount,
    takes_effect,
    terms_of,
    usable,
)

NOW = datetime(2026, 6, 15, tzinfo=UTC)
prices = st.integers(1, 10**9)
rates, discounts = st.integers(1, BASIS), st.integers(0, BASIS - 1)


@given(prices, rates, discounts)
def test_the_least_payment_whose_worth_rounded_down_is_the_price(price: int, rate_bp: int, discount_bp: int) -> None:
    paid = price_before_discount(price, rate_bp, discount_bp)
    payment = divide(paid, rate_bp, discount_bp)
    assert payment.arrives == price
    assert payment.arrives + payment.discount + payment.residue == paid
    assert divide(paid - 1, rate_bp, discount_bp).arrives < price


@pytest.mark.parametrize(
    ("price", "rate_bp", "discount_bp", "paid"),
    [
        (90, BASIS, 1000, 100),
        (100, BASIS, 1000, 112),
        (7, BASIS, 0, 7),
        (1, BASIS, 9999, 10000),
        (100, 8000, 1000, 139),
    ],
)
def test_examples_by_hand(price: int, rate_bp: int, discount_bp: int, paid: int) -> None:
    assert price_before_discount(price, rate_bp, discount_bp) == paid


@pytest.mark.parametrize(
    ("owed", "discount_bp"),
    [
        (0, 1000),
        (1, 1004),
        (250, 2000),
        (999, 4996),
        (1000, 5000),
        (10**9, 5000),
        (-500, 600),
        (-1000, 200),
        (-9999, 200),
    ],
)
def test_a_discount_moves_in_a_straight_line_between_floor_and_ceiling(owed: int, discount_bp: int) -> None:
    assert discount_at(Terms(BASIS, 1000, Moving(200, 5000, 1000)), owed) == discount_bp
    assert discount_at(Terms(BASIS, 1000), owed) == 1000


@given(st.integers(-(10**7), 10**7), st.integers(0, 10**6))
def test_who_owes_more_never_has_a_smaller_discount(owed: int, more: int) -> None:
    terms = Terms(BASIS, 1000, Moving(200, 9000, 10**6))
    assert 200 <= discount_at(terms, owed) <= discount_at(terms, owed + more) <= 9000


@pytest.mark.parametrize(
    ("floor_bp", "ceiling_bp", "full_at"),
    [(1001, 2000, 5), (0, 999, 5), (0, 2000, None), (None, None, 5), (0, None, 5)],
)
def test_terms_that_are_out_of_order_or_incomplete_are_refused(
    floor_bp: int | None, ceiling_bp: int | None, full_at: int | None
) -> None:
    with pytest.raises(TermsOutOfOrder):
        terms_of(BASIS, 1000, floor_bp, ceiling_bp, full_at)


def test_the_first_version_may_begin_at_once_and_a_change_after_a_day() -> None:
    day = timedelta(days=1)
    assert takes_effect(1, None, NOW) == NOW
    assert takes_effect(2, None, NOW) == NOW + day
    assert takes_effect(2, NOW + 2 * day, NOW) == NOW + 2 * day
    for version, asked in ((1, NOW - day), (2, NOW + day - timedelta(microseconds=1))):
        with pytest.raises(NoticeTooShort):
            takes_effect(version, asked, NOW)


@pytest.mark.parametrize(
    ("expires_at", "used_at"), [(NOW, None), (NOW - timedelta(1), None), (NOW + timedelta(1), NOW)]
)
def test_a_quote_that_is_used_or_expired_is_refused(expires_at: datetime, used_at: datetime | None) -> None:
    with pytest.raises(QuoteSpent):
        usable(uuid.uuid4(), expires_at=expires_at, used_at=used_at, now=NOW)
