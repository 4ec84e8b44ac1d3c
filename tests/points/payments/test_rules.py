"""Codes, shares, and what is given back."""

import uuid
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.points.exchange.rules import BASIS, Payment, divide, price_before_discount
from services.points.payments.rules import (
    CODE_HOLDS,
    CodeInvalid,
    ResidentCode,
    ShareExceeded,
    check_share,
    given_back,
    read_merchant_code,
    read_resident_code,
    sign_merchant_code,
    sign_resident_code,
)

NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)
KEY, OTHER = b"k" * 32, b"o" * 32
CODE = ResidentCode(uuid.uuid4(), "330102001051", uuid.uuid4())


def test_a_residents_code_is_good_for_a_minute_and_only_if_we_signed_it() -> None:
    text = sign_resident_code(CODE, KEY, NOW)
    assert read_resident_code(text, KEY, NOW + CODE_HOLDS - timedelta(seconds=1)) == CODE
    forged = jwt.encode({"res": str(CODE.resident_id), "com": "x", "jti": "0" * 32, "exp": 2**31}, OTHER, "HS256")
    unsigned = jwt.encode({"res": str(CODE.resident_id), "com": "x", "jti": "0" * 32, "exp": 2**31}, "", "none")
    for wrong in (forged, unsigned, text[:-2], "nonsense", sign_merchant_code(CODE.resident_id, KEY)):
        with pytest.raises(CodeInvalid):
            read_resident_code(wrong, KEY, NOW)
    with pytest.raises(CodeInvalid):
        read_resident_code(text, KEY, NOW + CODE_HOLDS)


def test_a_merchants_code_stays_good_and_is_no_residents() -> None:
    merchant_id = uuid.uuid4()
    assert read_merchant_code(sign_merchant_code(merchant_id, KEY), KEY) == merchant_id
    with pytest.raises(CodeInvalid):
        read_merchant_code(sign_resident_code(CODE, KEY, NOW), KEY)


def test_each_goods_share_is_rounded_down() -> None:
    goods = [(25, 3_000, 3), (9, 10_000, 1), (10, 0, 5)]
    check_share(31, goods)
    with pytest.raises(ShareExceeded):
        check_share(32, goods)
    check_share(1_000, [])


@given(
    st.integers(1, 100_000), st.integers(1, BASIS), st.integers(0, 9_999), st.lists(st.integers(1, 1_000), max_size=20)
)
def test_refunds_in_parts_come_to_the_same_as_one_never_gain_and_empty_each_account(
    price: int, rate_bp: int, discount_bp: int, parts: list[int]
) -> None:
    refunded, back = 0, [0, 0, 0]
    for asked in (*parts, price):
        part = min(asked, price - refunded)
        once = given_back(price, refunded, part, rate_bp, discount_bp)
        given = once.arrives, once.discount, once.residue
        assert min(given) >= 0
        assert once.arrives == part
        back, refunded = [so_far + more for so_far, more in zip(back, given, strict=True)], refunded + part
    paid = price_before_discount(price, rate_bp, discount_bp)
    assert Payment(*back) == divide(paid, rate_bp, discount_bp)
