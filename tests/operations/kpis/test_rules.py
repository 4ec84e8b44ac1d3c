"""Rules of KPIs."""

from datetime import UTC, date, datetime

import pytest

from services.operations.kpis.rules import Assessment, assess, period_of


@pytest.mark.parametrize(
    ("moment", "period"),
    [
        (datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 11, 30, 16, 0, 0, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_month_begins_at_midnight_in_china(moment: datetime, period: date) -> None:
    assert period_of(moment) == period


@pytest.mark.parametrize(
    ("measured", "assessment"),
    [
        (None, Assessment("no_data", None)),
        (0, Assessment("short", 0.0)),
        (99, Assessment("short", 0.99)),
        (100, Assessment("met", 1.0)),
        (133, Assessment("met", 1.33)),
    ],
)
def test_no_data_is_neither_fulfilled_nor_zero(measured: int | None, assessment: Assessment) -> None:
    assert assess(measured, 100) == assessment
