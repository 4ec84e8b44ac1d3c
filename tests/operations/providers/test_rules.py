"""Rules of providers."""

from datetime import date

import pytest

from services.operations.providers.rules import (
    LicenceExpired,
    check_licence,
    provider_id,
)


def test_a_business_has_the_same_id_everywhere() -> None:
    assert provider_id("91350100M000100Y43") == provider_id("91350100M000100Y43")
    assert provider_id("91350100M000100Y43") != provider_id("91330102MA2H00001L")


def test_a_licence_is_valid_through_its_last_day() -> None:
    check_licence("x", "food", date(2026, 11, 22), date(2026, 11, 22))
    check_licence("x", "business", None, date(2099, 1, 1))
    with pytest.raises(LicenceExpired):
        check_licence("x", "food", date(2026, 11, 21), date(2026, 11, 22))
