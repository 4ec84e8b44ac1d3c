"""The index of a community's facilities, and who is on the remedy list. Exact fractions; the index is cut to 1/10,000.

The provincial check-up publishes the number of its classes and that the lowest 10 % go on the list, not the classes
nor the formula: both are this platform's own, and the scheme is data.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pydantic import TypeAdapter

from shared.errors import Conflict, Inadmissible, Unseen

WHOLE_BP = 10_000
LISTED_BP = 1_000
KNOWN_MIN_BP = 8_000
LOW_USE_PERCENT = 10
PERCENT = 100


@dataclass(kw_only=True, eq=False)
class SchemeUnseen(Unseen):
    """There is no such scheme."""

    type = "checkup-scheme-unseen"
    title = "未找到该体检方案"
    title_en = "No such check-up scheme"
    detail = "未找到体检方案 {code}。请先采用一个方案。"
    detail_en = "There is no scheme {code}. Adopt one first."

    code: str


@dataclass(kw_only=True, eq=False)
class SchemeExists(Conflict):
    """A scheme is never changed."""

    type = "checkup-scheme-exists"
    title = "体检方案已存在"
    title_en = "Check-up scheme exists"
    detail = "方案 {code} 已采用且不可修改。新方案请用新的代码。"
    detail_en = "The scheme {code} is adopted and is not changed. Give a new scheme a code of its own."

    code: str


@dataclass(kw_only=True, eq=False)
class NothingSurveyed(Inadmissible):
    """Nothing in the area has been surveyed."""

    type = "nothing-surveyed"
    title = "没有可评价的调查"
    title_en = "Nothing to evaluate"
    detail = "区域 {area} 在 {year} 年没有设施调查。请先录入调查。"
    detail_en = "The area {area} has no facility survey of {year}. Record surveys first."

    area: str
    year: int


@dataclass(kw_only=True, eq=False)
class CheckupUnseen(Unseen):
    """There is no such check-up, or the community is not in it."""

    type = "checkup-unseen"
    title = "未找到该体检"
    title_en = "No such check-up"
    detail = "未找到体检 {checkup_id}，或该社区不在其中。请核对编号。"
    detail_en = "There is no check-up {checkup_id}, or the community is not in it. Check the id."

    checkup_id: str


@dataclass(frozen=True, slots=True)
class Subclass:
    """A kind of facility: what is required of it per 1,000 households, and its weight in the index."""

    code: str
    facility_class: str
    name: str
    unit: str
    required_per_1000_households: int
    weight: int


@dataclass(frozen=True, slots=True)
class Facility:
    """A facility as it was found: capacity in the subclass's unit, condition and use in percent; None is not known."""

    name: str
    households_covered: int | None = None
    capacity: int | None = None
    condition: int | None = None
    use: int | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in a community, by subclass; a subclass that is not here has not been looked at."""

    households: int
    found: Mapping[str, Sequence[Facility]]


SURVEY = TypeAdapter(Survey)
"""Reads and writes a survey as JSON."""
SUBCLASSES = TypeAdapter(list[Subclass])


@dataclass(frozen=True, slots=True)
class Index:
    """A community's index, None when too little is known; what is missing, and what hardly anybody uses."""

    index_bp: int | None
    known_bp: int
    missing: Sequence[str]
    low_use: Sequence[str]


def evaluate(survey: Survey, scheme: Sequence[Subclass]) -> Index:
    """Compute a community's index: the weighted mean of what is known, cut to 1/10,000.

    Each subclass has four equal parts: coverage of households, capacity by what is required, condition and use. A
    facility that is not there counts 0; what was not looked at counts nothing, is named, and below 80 % there is no
    index.
    """
    total = known = points = Fraction(0)
    missing: list[str] = []
    for subclass in scheme:
        for part, value in parts(survey, subclass).items():
            total += subclass.weight
            if value is None:
                missing.append(f"{subclass.code}.{part}")
            else:
                known += subclass.weight
                points += subclass.weight * value
    known_bp = int(known * WHOLE_BP / total)
    enough = known_bp >= KNOWN_MIN_BP
    return Index(int(points * WHOLE_BP / known) if enough else None, known_bp, missing, list(_low_use(survey, scheme)))


def parts(survey: Survey, subclass: Subclass) -> Mapping[str, Fraction | None]:
    """Return the four parts of a subclass, each a share; None is not known."""
    names = ("coverage", "capacity", "condition", "use")
    facilities = survey.found.get(subclass.code)
    if facilities is None:
        return dict.fromkeys(names)
    if not facilities:
        return dict.fromkeys(names, Fraction(0))
    required = Fraction(subclass.required_per_1000_households * survey.households, 1_000)
    count = len(facilities)
    return {
        "coverage": _share([one.households_covered for one in facilities], Fraction(survey.households)),
        "capacity": _share([one.capacity for one in facilities], required),
        "condition": _share([one.condition for one in facilities], Fraction(PERCENT * count)),
        "use": _share([one.use for one in facilities], Fraction(PERCENT * count)),
    }


def _share(values: Sequence[int | None], whole: Fraction) -> Fraction | None:
    """Return the sum by the whole, at most 1; one value that is not known makes the sum unknown."""
    known = [value for value in values if value is not None]
    return min(Fraction(1), sum(known) / whole) if len(known) == len(values) else None


def _low_use(survey: Survey, scheme: Sequence[Subclass]) -> Iterable[str]:
    for subclass in scheme:
        for facility in survey.found.get(subclass.code, ()):
            if facility.use is not None and facility.use < LOW_USE_PERCENT:
                yield f"{subclass.code}: {facility.name}"


def cutoff_of(indexes: Iterable[int]) -> int | None:
    """Return the index up to which communities are listed: of n the lowest ceil(0.10 n), ties in; None if n is 0."""
    ordered = sorted(indexes)
    return ordered[-(-len(ordered) * LISTED_BP // WHOLE_BP) - 1] if ordered else None


def is_listed(index_bp: int | None, cutoff_bp: int | None) -> bool:
    """Tell whether a community is on the remedy list; without an index it is not: it is to be surveyed."""
    return index_bp is not None and cutoff_bp is not None and index_bp <= cutoff_bp


def digest_of(results: Mapping[str, tuple[int | None, bool]], scheme: Sequence[Mapping[str, Any]]) -> str:
    """Return the SM3 of the scheme and of each community's index and listing, in the order of the codes."""
    canonical = json.dumps([scheme, sorted(results.items())], sort_keys=True, ensure_ascii=False)
    return hashlib.new("sm3", canonical.encode()).hexdigest()
