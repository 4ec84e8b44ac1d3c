"""What the ledger allows."""

import uuid
from datetime import date

import pytest

from services.points.ledger.rules import Holding, NotEnoughPoints, month_end_after, spend_earliest

TODAY = date(2026, 6, 15)
EARLY, LATE, GONE = (uuid.UUID(int=n) for n in (1, 2, 3))


def holdings() -> list[Holding]:
    return [
        Holding(LATE, "volunteering", date(2027, 6, 30), 50, 50),
        Holding(EARLY, "volunteering", date(2026, 6, 30), 40, 30),
        Holding(GONE, "volunteering", date(2026, 5, 31), 99, 99),
    ]


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 1), 2, date(2028, 2, 29)),
        (date(2026, 6, 15), 24, date(2028, 6, 30)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_points_expire_at_the_end_of_a_month(day: date, months: int, end: date) -> None:
    assert month_end_after(day, months) == end


def test_the_earliest_expiry_is_spent_first() -> None:
    assert spend_earliest(holdings(), 40, TODAY) == [(EARLY, 30), (LATE, 10)]


def test_expired_lots_are_not_spent() -> None:
    with pytest.raises(NotEnoughPoints) as refusal:
        spend_earliest(holdings(), 81, TODAY)
    assert (refusal.value.available, refusal.value.required) == (80, 81)


def test_a_lot_is_good_until_the_end_of_its_last_day() -> None:
    assert spend_earliest([Holding(EARLY, "volunteering", TODAY, 5, 5)], 5, TODAY) == [(EARLY, 5)]
