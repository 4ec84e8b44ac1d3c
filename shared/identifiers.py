"""Numbers that people and organisations are known by: whether one can be, before anybody else is asked about it."""

import re
from dataclasses import dataclass
from datetime import date

from shared.errors import Inadmissible

_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = [3**place % 31 for place in range(17)]
_CODE_FORM = re.compile(rf"[1-9A-HJ-NP-RTUWXY]{{2}}[0-9]{{6}}[{_CODE_ALPHABET}]{{10}}")
_NUMBER_FORM = re.compile(r"[1-9][0-9]{5}((?:18|19|20)[0-9]{6})[0-9]{3}[0-9X]")
_NUMBER_WEIGHTS = [2**place % 11 for place in range(17, 0, -1)]
_NUMBER_CHECKS = "10X98765432"


@dataclass(kw_only=True, eq=False)
class SocialCreditCodeInvalid(Inadmissible):
    """The code breaks GB 32100."""

    type = "social-credit-code-invalid"
    title = "统一社会信用代码有误"
    title_en = "Invalid social-credit code"
    detail = "{social_credit_code} 不符合 GB 32100（18 位，末位为校验码）。请对照营业执照核对。"
    detail_en = (
        "{social_credit_code} breaks GB 32100 (18 characters, the last a check). Compare it with the business licence."
    )

    social_credit_code: str


@dataclass(kw_only=True, eq=False)
class IdNumberInvalid(Inadmissible):
    """The number breaks GB 11643; it is not repeated."""

    type = "id-number-invalid"
    title = "公民身份号码有误"
    title_en = "Invalid id number"
    detail = "公民身份号码不符合 GB 11643（18 位，末位为校验码）。请对照身份证核对。"
    detail_en = "The number breaks GB 11643 (18 characters, the last a check). Compare it with the identity card."


def check_social_credit_code(code: str) -> None:
    """Refuse a unified social-credit code that breaks its standard.

    GB 32100-2015: 18 characters of 31 (digits and capital letters without I, O, S, V, Z): registering department,
    category, six digits of area, nine of organisation, and a check character C18 = (31 - sum(Ci * 3^(i-1) mod 31,
    i = 1..17) mod 31) mod 31.

    Raises:
        SocialCreditCodeInvalid: It does.
    """
    if not _CODE_FORM.fullmatch(code):
        raise SocialCreditCodeInvalid(social_credit_code=code)
    total = sum(_CODE_ALPHABET.index(each) * weight for each, weight in zip(code, _CODE_WEIGHTS, strict=False))
    if _CODE_ALPHABET[-total % 31] != code[17]:
        raise SocialCreditCodeInvalid(social_credit_code=code)


def check_id_number(number: str) -> None:
    """Refuse a citizen's number that breaks its standard.

    GB 11643-1999: six digits of area, a date of birth, three of order, and a check character (ISO 7064, MOD 11-2).

    Raises:
        IdNumberInvalid: It does.
    """
    found = _NUMBER_FORM.fullmatch(number)
    if not found:
        raise IdNumberInvalid
    try:
        date.fromisoformat(found[1])
    except ValueError as error:
        raise IdNumberInvalid from error
    total = sum(int(each) * weight for each, weight in zip(number, _NUMBER_WEIGHTS, strict=False))
    if _NUMBER_CHECKS[total % 11] != number[17]:
        raise IdNumberInvalid
