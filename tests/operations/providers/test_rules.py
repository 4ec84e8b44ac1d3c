"""Rules of providers."""

from datetime import UTC, datetime, timedelta

import pytest

from services.operations.providers.rules import (
    NEXT,
    DecisionOutOfOrder,
    ListingStepRefused,
    SocialCreditCodeInvalid,
    State,
    check_social_credit_code,
    check_step,
    provider_id,
)

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
STEPS = [(state, asked) for state in NEXT for asked in NEXT]


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


@pytest.mark.parametrize(("state", "asked"), STEPS)
def test_a_candidate_is_listed_and_a_listed_provider_debarred_and_nothing_else(state: State, asked: State) -> None:
    if (state, asked) in {("candidate", "listed"), ("listed", "debarred")}:
        check_step(state, NOON, asked=asked, asked_effective_at=NOON)
    else:
        with pytest.raises(ListingStepRefused):
            check_step(state, NOON, asked=asked, asked_effective_at=NOON)


def test_a_decision_takes_no_effect_before_the_one_it_follows() -> None:
    with pytest.raises(DecisionOutOfOrder):
        check_step("listed", NOON, asked="debarred", asked_effective_at=NOON - timedelta(seconds=1))
