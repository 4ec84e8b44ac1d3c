"""Numbers of people and organisations."""

import pytest

from shared.identifiers import IdNumberInvalid, SocialCreditCodeInvalid, check_id_number, check_social_credit_code


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


def test_an_id_number_with_its_right_check_character_is_accepted() -> None:
    """The example of the standard."""
    check_id_number("11010519491231002X")


@pytest.mark.parametrize(
    "number",
    ["110105194912310021", "11010519491331002X", "1101051949123100", "11010519491231002x", "01010519491231002X", ""],
)
def test_any_other_number_is_refused_and_not_repeated(number: str) -> None:
    with pytest.raises(IdNumberInvalid) as refused:
        check_id_number(number)
    assert refused.value.facts() == {}
