"""Rules of contracts."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from services.operations.contracts.rules import Terms, counted_merchant, seal_of

PROVIDER = uuid.UUID("0190aaaa-0000-7000-8000-000000000009")
TERMS = Terms(
    community_code="330281002015",
    provider_id=PROVIDER,
    period=date(2026, 11, 1),
    measure="points_redeemed",
    target=100,
    sealed_at=datetime(2026, 11, 22, 2, tzinfo=UTC),
    sealed_by="staff:wang",
)


def test_the_seal_is_the_sm3_of_the_facts_in_canonical_json() -> None:
    # printf '%s' '{"community_code":"330281002015","measure":…}' | openssl dgst -sm3
    assert seal_of(TERMS) == "6dfb2f3a497c10ff2c09a703241266d88b8e77f72a8ff41cf7c1ae6f958d38eb"


def test_the_seal_does_not_depend_on_the_zone_that_a_time_is_written_in() -> None:
    in_china = TERMS.sealed_at.astimezone(timezone(timedelta(hours=8)))
    assert seal_of(replace(TERMS, sealed_at=in_china)) == seal_of(TERMS)


@pytest.mark.parametrize(
    "changed",
    [
        replace(TERMS, target=101),
        replace(TERMS, measure="bookings"),
        replace(TERMS, period=date(2026, 12, 1)),
        replace(TERMS, sealed_by="staff:chen"),
        replace(TERMS, provider_id=uuid.UUID(int=1)),
        replace(TERMS, community_code="330281003012"),
    ],
)
def test_another_fact_gives_another_seal(changed: Terms) -> None:
    assert seal_of(changed) != seal_of(TERMS)


def test_a_merchant_is_measured_by_its_own_redemptions_and_an_operator_by_its_communitys() -> None:
    assert counted_merchant("merchant", "points_redeemed", PROVIDER) == PROVIDER
    assert counted_merchant("operator", "points_redeemed", PROVIDER) is None
    assert counted_merchant("merchant", "attendances", PROVIDER) is None
