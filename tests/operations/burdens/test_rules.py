"""What is admitted, and why the rest is turned away."""

from dataclasses import replace
from datetime import date

import pytest

from services.operations.burdens.rules import Permit, PermitTermInvalid, check_term, turned_away

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
PERMIT = Permit("330281", FIRST, LAST, 2, "granted")
HERE, ELSEWHERE = "330281002015", "330102001051"


def test_only_what_a_permit_lets_is_admitted_within_its_term_area_and_number() -> None:
    assert turned_away(PERMIT, HERE, FIRST, 0) is None
    assert turned_away(PERMIT, HERE, LAST, 1) is None
    assert turned_away(None, HERE, FIRST, 0) == "not_permitted"
    assert turned_away(replace(PERMIT, verdict=None), HERE, FIRST, 0) == "not_decided"
    assert turned_away(replace(PERMIT, verdict="refused"), HERE, FIRST, 0) == "refused"
    assert turned_away(PERMIT, ELSEWHERE, FIRST, 0) == "elsewhere"
    assert turned_away(PERMIT, HERE, date(2025, 12, 31), 0) == "out_of_term"
    assert turned_away(PERMIT, HERE, date(2027, 1, 1), 0) == "out_of_term"
    assert turned_away(PERMIT, HERE, FIRST, 2) == "used_up"


def test_a_permit_lasts_a_year_at_most() -> None:
    check_term(FIRST, LAST)
    check_term(date(2028, 2, 29), date(2029, 2, 28))
    for wrong in ((LAST, FIRST), (FIRST, date(2027, 1, 2))):
        with pytest.raises(PermitTermInvalid):
            check_term(*wrong)
