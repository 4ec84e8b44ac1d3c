"""The official rules by which personal data is masked (guideline, section 2): of answers, logs, traces and events.

Names of organisations are not masked.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

_MOBILE = re.compile(r"(?<![0-9A-Za-z.])((?:\+?86[- ]?)?1[3-9]\d)([- ]?)\d{4}\2(\d{4})(?![0-9A-Za-z])", re.ASCII)
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z.])[1-9]\d{5}((?:19|20)\d{6})\d{3}[\dXx](?![0-9A-Za-z])", re.ASCII)
_AREA_CODE = re.compile(r"(0(?:10|2\d|[3-9]\d\d))[- ]?\d+", re.ASCII)
_LANDLINE_KEPT = 4


def _ends(text: str, first: int, last: int) -> str:
    """Keep both ends; of a text that is not longer than them, as much as of anything else."""
    if len(text) <= first + last:
        return other(text)
    return text[:first] + "*" * (len(text) - first - last) + text[len(text) - last :]


def id_number(text: str) -> str:
    """Keep the first and the last character: `5****************9`."""
    return _ends(text, 1, 1)


def name(text: str) -> str:
    """Hide the first character: `*大友`."""
    return "*" + text[1:]


def mobile(text: str) -> str:
    """Keep the first three digits and the last four: `137****9050`."""
    return _ends(text, 3, 4)


def landline(text: str) -> str:
    """Keep the area code and the last four digits: `0571****5678`."""
    found = _AREA_CODE.fullmatch(text)
    return _ends(text, len(found[1]) if found else 0, _LANDLINE_KEPT)


def email(text: str) -> str:
    """Keep the first three characters and the domain, shorter local parts as they are: `con***@163.com`."""
    local, at, domain = text.rpartition("@")
    return f"{local[:3]}***@{domain}" if at else other(text)


def bank_card(text: str) -> str:
    """Keep the first six digits and the last four."""
    return _ends(text, 6, 4)


def other(text: str) -> str:
    """Keep the first and the last third, as of passports: `E12***678`."""
    kept = len(text) // 3
    return text[:kept] + "*" * (len(text) - 2 * kept) + text[len(text) - kept :]


MASKS: Mapping[str, Callable[[str], str]] = {
    "id-number": id_number,
    "name": name,
    "mobile": mobile,
    "landline": landline,
    "email": email,
    "bank-card": bank_card,
    "other": other,
}


def scrub(text: str) -> str:
    """Mask the id numbers and mobile numbers in a text, wherever they stand; an id number has a date of birth."""
    return _MOBILE.sub(r"\1\2****\2\3", _ID_NUMBER.sub(_masked_if_born, text))


def _masked_if_born(found: re.Match[str]) -> str:
    try:
        date.fromisoformat(found[1])
    except ValueError:
        return found[0]
    return id_number(found[0])


def scrubbed(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a JSON value with every text in it scrubbed."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {key: scrubbed(each) for key, each in value.items()}
    return [scrubbed(each) for each in value] if isinstance(value, list) else value
