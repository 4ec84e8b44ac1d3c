"""What crosses between cells, and who decides."""

from datetime import UTC, datetime, timedelta

import pytest

from services.points.crossings.rules import Reason, SameCell, between_cells, forgotten_here, reason_against

NOW = datetime(2026, 6, 15, tzinfo=UTC)
SHANGCHENG, YUYAO = "330102001051", "330281002015"


@pytest.mark.parametrize(
    ("cell", "here", "there"),
    [
        ("330102", SHANGCHENG, SHANGCHENG),
        ("330102", YUYAO, SHANGCHENG),
        ("330281", SHANGCHENG, YUYAO),
        ("", YUYAO, YUYAO),
    ],
)
def test_what_does_not_lead_out_of_the_cell_is_refused(cell: str, here: str, there: str) -> None:
    with pytest.raises(SameCell):
        between_cells(cell, here, there)


def test_what_leads_out_of_the_cell_may_cross() -> None:
    between_cells("330102", SHANGCHENG, YUYAO)


@pytest.mark.parametrize(
    ("merchant_active", "agreed", "early", "reason"),
    [
        (True, True, timedelta(microseconds=1), None),
        (True, True, timedelta(0), Reason.LATE),
        (False, False, timedelta(0), Reason.LATE),
        (False, True, timedelta(1), Reason.MERCHANT),
        (True, False, timedelta(1), Reason.CORRIDOR),
    ],
)
def test_the_merchants_cell_refuses_what_is_late_or_not_agreed(
    *, merchant_active: bool, agreed: bool, early: timedelta, reason: Reason | None
) -> None:
    found = reason_against(merchant_active=merchant_active, agreed=agreed, deadline=NOW + early, now=NOW)
    assert found == reason


def test_who_knows_less_than_the_other_has_seen_has_forgotten() -> None:
    assert forgotten_here(seen_by_the_other=4, known=3)
    assert not forgotten_here(seen_by_the_other=3, known=3)
