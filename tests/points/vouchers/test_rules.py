"""What becomes of a voucher that a till took without a network."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import jwt
import pytest

from services.points.vouchers.rules import (
    CLOCK_AHEAD,
    LotsExpireFirst,
    Reason,
    Report,
    Standing,
    Stated,
    VoucherKey,
    claims_of,
    good_until,
    judge,
)

NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)
DAY = timedelta(days=1)
OPEN = Standing("token", NOW - 5 * DAY, NOW + 5 * DAY, None, paid=False, closed=False)
TAKEN = Report(uuid.uuid4(), "token", NOW - DAY)


def judged(voucher: Standing | None = OPEN, report: Report = TAKEN, **facts: object) -> Reason | None:
    given = {"same_community": True, "debarred_from": None, "frozen": False, "now": NOW, **facts}
    return judge(report, voucher, **given)  # type: ignore[arg-type]


def test_what_was_rightly_taken_is_paid_however_late_it_is_posted() -> None:
    assert judged() is None
    assert judged(replace(OPEN, expires_at=NOW - DAY / 2)) is None
    assert judged(replace(OPEN, revoked_at=NOW - DAY / 2)) is None
    assert judged(debarred_from=NOW - DAY / 2) is None


@pytest.mark.parametrize(
    ("reason", "voucher", "report", "facts"),
    [
        (Reason.NOT_OURS, None, TAKEN, {}),
        (Reason.NOT_OURS, replace(OPEN, token="another"), TAKEN, {}),
        (Reason.ELSEWHERE, OPEN, TAKEN, {"same_community": False}),
        (Reason.CLOCK, OPEN, replace(TAKEN, presented_at=NOW - 6 * DAY), {}),
        (Reason.CLOCK, OPEN, replace(TAKEN, presented_at=NOW + CLOCK_AHEAD + DAY / 100), {}),
        (Reason.EXPIRED, replace(OPEN, expires_at=TAKEN.presented_at), TAKEN, {}),
        (Reason.REVOKED, replace(OPEN, revoked_at=TAKEN.presented_at), TAKEN, {}),
        (Reason.USED, replace(OPEN, paid=True, closed=True), TAKEN, {}),
        (Reason.LATE, replace(OPEN, closed=True), TAKEN, {}),
        (Reason.DEBARRED, OPEN, TAKEN, {"debarred_from": TAKEN.presented_at}),
        (Reason.FROZEN, OPEN, TAKEN, {"frozen": True}),
        (Reason.USED, replace(OPEN, paid=True), TAKEN, {"frozen": True}),  # no waiting would cure it
    ],
)
def test_each_conflict_has_its_reason(
    reason: Reason, voucher: Standing | None, report: Report, facts: dict[str, object]
) -> None:
    assert judged(voucher, report, **facts) is reason


def test_a_voucher_is_good_no_longer_than_the_first_of_its_points() -> None:
    assert good_until(30, date(2028, 1, 31), NOW) == NOW + 30 * DAY
    assert good_until(30, date(2026, 6, 30), NOW) == datetime(2026, 6, 29, 16, tzinfo=UTC)
    with pytest.raises(LotsExpireFirst):
        good_until(30, date(2026, 6, 15), NOW)


def test_a_voucher_says_what_it_is_and_its_key_follows_from_the_secret() -> None:
    key = VoucherKey(b"a" * 32)
    stated = Stated("330102001051", uuid.uuid4(), 7, 20, NOW, NOW + DAY)
    text = key.sign(stated)
    assert jwt.decode(text, key.public, ["EdDSA"], options={"verify_exp": False})["num"] == 7
    assert (claims_of(text), claims_of("no voucher at all")) == ((stated.community_code, stated.voucher_id), None)
    assert (VoucherKey(b"a" * 32).public, VoucherKey(b"b" * 32).public == key.public) == (key.public, False)
    for claims in ({"com": "x"}, {"com": "x", "jti": "no id"}, {"com": "x", "jti": 7}):
        assert claims_of(jwt.encode(claims, "secret" * 8)) is None
