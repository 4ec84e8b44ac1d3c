"""Rules of contracts."""

import uuid
from datetime import date
from typing import Any

import pytest

from services.operations.contracts.rules import (
    AmendmentsTooLarge,
    RenewalUnsupported,
    State,
    StepRefused,
    check_amendment,
    check_renewal,
    check_state_step,
    seal_of,
    signing_text,
    state_on,
)
from services.operations.terms.rules import TermsContradict, check_terms, months_in
from tests.operations.ground import OWNER_KEYS, terms

PROVIDER = uuid.UUID("0190aaaa-0000-7000-8000-000000000009")
AGREED = terms(PROVIDER)


def fee(fen: int) -> dict[str, Any]:
    return {"kind": "fee", "no": 1, "description": "运营服务费", "amount_fen": fen, "every_months": 1}


def test_the_value_of_a_contract_is_its_fees_over_the_term_and_its_subsidies() -> None:
    subsidy = {"kind": "subsidy", "no": 2, "description": "建设补助", "amount_fen": 5_000_000}
    assert AGREED.value_fen == 120_000_000
    assert terms(PROVIDER, lines=[fee(10_000_000), subsidy]).value_fen == 125_000_000
    quarterly = {**fee(100), "every_months": 3}
    assert terms(PROVIDER, lines=[quarterly], ends_on="2027-01-15").value_fen == 500


@pytest.mark.parametrize(
    ("ends_on", "months"), [("2026-01-01", 1), ("2026-01-31", 1), ("2026-12-31", 12), ("2027-01-01", 13)]
)
def test_months_are_counted_by_the_day_they_begin(ends_on: str, months: int) -> None:
    assert months_in(date(2026, 1, 1), date.fromisoformat(ends_on)) == months


@pytest.mark.parametrize(
    "change",
    [
        {"ends_on": "2025-12-31"},
        {"lines": [fee(1), fee(2)]},
        {"parties": [{"key": OWNER_KEYS[0].hex()}, {"key": OWNER_KEYS[0].hex()}]},
        {"parties": [{"provider_id": PROVIDER, "key": "0" * 128}, {"provider_id": uuid.uuid4(), "key": "0" * 128}]},
        {"kpis": [{"code": "a", "name": "甲", "formula": "bookings", "target": 1}] * 2},
    ],
)
def test_terms_that_contradict_are_refused(change: dict[str, Any]) -> None:
    check_terms(AGREED)
    with pytest.raises(TermsContradict):
        check_terms(terms(PROVIDER, **change))


def test_what_is_signed_and_the_seal_depend_on_each_fact() -> None:
    text = signing_text(PROVIDER, 1, date(2026, 1, 1), AGREED)
    assert text == signing_text(PROVIDER, 1, date(2026, 1, 1), terms(PROVIDER))
    others = [
        signing_text(PROVIDER, 2, date(2026, 1, 1), AGREED),
        signing_text(PROVIDER, 1, date(2026, 1, 2), AGREED),
        signing_text(PROVIDER, 1, date(2026, 1, 1), terms(PROVIDER, title="另一合同")),
    ]
    assert len({text, *others}) == 4
    seal = seal_of(text, {"a": "01", "b": "02"})
    assert seal == seal_of(text, {"b": "02", "a": "01"})
    assert len({seal, seal_of(text, {"a": "02", "b": "01"}), seal_of(others[0], {"a": "01", "b": "02"})}) == 3


def test_all_amendments_together_add_no_more_than_a_tenth() -> None:
    check_amendment(AGREED, terms(PROVIDER, lines=[fee(11_000_000)]))
    with pytest.raises(AmendmentsTooLarge):
        check_amendment(AGREED, terms(PROVIDER, lines=[fee(11_000_001)]))
    with pytest.raises(TermsContradict):
        check_amendment(AGREED, terms(uuid.uuid4()))


@pytest.mark.parametrize(("kpi", "satisfaction"), [(None, 480), (9_500, None), (8_999, 480), (9_500, 449)])
def test_a_renewal_takes_kpi_and_satisfaction_and_no_data_is_neither(kpi: int | None, satisfaction: int | None) -> None:
    check_renewal(9_000, 450)
    with pytest.raises(RenewalUnsupported):
        check_renewal(kpi, satisfaction)


@pytest.mark.parametrize(
    ("decided", "day", "state"),
    [
        (None, "2025-12-31", "sealed"),
        (None, "2026-01-01", "in_force"),
        (None, "2027-01-01", "expired"),
        ("suspended", "2026-06-01", "suspended"),
        ("resumed", "2026-06-01", "in_force"),
        ("terminated", "2026-06-01", "terminated"),
    ],
)
def test_a_contracts_state_follows_from_its_terms_and_decisions(decided: str | None, day: str, state: State) -> None:
    assert state_on(AGREED, decided, date.fromisoformat(day)) == state
    assert state_on(None, None, date.fromisoformat(day)) == "draft"


def test_what_is_ended_stays_ended() -> None:
    check_state_step("suspended", "resumed")
    for state, asked in (("terminated", "resumed"), ("in_force", "resumed"), ("draft", "suspended")):
        with pytest.raises(StepRefused):
            check_state_step(state, asked)  # type: ignore[arg-type]
