"""What points of one community are worth in another."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.points.exchange.rules import BASIS, QuoteSpent, price_before_discount, usable

NOW = datetime(2026, 6, 15, tzinfo=UTC)
prices = st.integers(1, 10**9)
discounts = st.integers(0, BASIS - 1)


@given(prices, discounts)
def test_the_least_payment_whose_discounted_value_rounded_down_is_the_price(price: int, discount_bp: int) -> None:
    paid = price_before_discount(price, discount_bp)
    kept = BASIS - discount_bp
    assert paid * kept // BASIS == price
    assert (paid - 1) * kept // BASIS < price


@given(prices, discounts, discounts)
def test_a_round_trip_never_gains(price: int, there_bp: int, back_bp: int) -> None:
    assert price_before_discount(price_before_discount(price, back_bp), there_bp) >= price


@pytest.mark.parametrize(
    ("price", "discount_bp", "paid"), [(90, 1000, 100), (100, 1000, 112), (7, 0, 7), (1, 9999, 10000)]
)
def test_examples_by_hand(price: int, discount_bp: int, paid: int) -> None:
    assert price_before_discount(price, discount_bp) == paid


@pytest.mark.parametrize(
    ("expires_at", "used_at"), [(NOW, None), (NOW - timedelta(1), None), (NOW + timedelta(1), NOW)]
)
def test_a_quote_that_is_used_or_expired_is_refused(expires_at: datetime, used_at: datetime | None) -> None:
    with pytest.raises(QuoteSpent):
        usable(uuid.uuid4(), expires_at=expires_at, used_at=used_at, now=NOW)
