"""Rules of providers."""

from datetime import date

import pytest

from services.operations.providers.rules import (
    LicenceExpired,
    SocialCreditCodeInvalid,
    check_licence,
    check_social_credit_code,
    provider_id,
)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91330102MA2H00001L"])
def test_a_code_with_its_right_check_character_is_accepted(code: str) -> None:
    check_social_credit_code(code)


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y4Z",
        "91350100M000100Y44",
        "91350100M000100Y34",
        "91350100M000100Y4",
        "91350100m000100y43",
        "91350I00M000100Y43",
        "91350100M000100Y43\n",
        "",
    ],
)
def test_any_other_code_is_refused(code: str) -> None:
    with pytest.raises(SocialCreditCodeInvalid):
        check_social_credit_code(code)


def test_each_single_wrong_character_is_noticed() -> None:
    code = "91350100M000100Y43"
    for place in range(18):
        for character in "0123456789ABCDEFGHJKLMNPQRTUWXY".replace(code[place], ""):
            with pytest.raises(SocialCreditCodeInvalid):
                check_social_credit_code(code[:place] + character + code[place + 1 :])


def test_a_business_has_the_same_id_everywhere() -> None:
    assert provider_id("91350100M000100Y43") == provider_id("91350100M000100Y43")
    assert provider_id("91350100M000100Y43") != provider_id("91330102MA2H00001L")


def test_a_licence_is_valid_through_its_last_day() -> None:
    check_licence("x", "food", date(2026, 11, 22), date(2026, 11, 22))
    check_licence("x", "business", None, date(2099, 1, 1))
    with pytest.raises(LicenceExpired):
        check_licence("x", "food", date(2026, 11, 21), date(2026, 11, 22))
