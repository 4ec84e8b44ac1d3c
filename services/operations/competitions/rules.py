"""How streets are ranked. All of it can be computed again from the published formula and counts.

For each measure a street gets 0 to 100 points for its level (records per head) and for its improvement over the same
number of days before, by how many of the others it is ahead of. A count is uncertain by 1.96 times its root (Poisson,
95 %), so each total has a range; streets whose ranges meet that of the first of their group share its place.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from math import isqrt

from pydantic import TypeAdapter

from services.operations.cockpit.rules import Measure
from shared.clock import local_day
from shared.errors import Conflict, Forbidden, Inadmissible, Unseen

WHOLE = 100
STEADY = 30
"""Added to the count before when improvement is measured, so that a start from almost nothing is no triumph."""
Z_SQUARED = Fraction(38_416, 10_000)
FLAGGED_FROM = 30
ONE_ACTOR_PERCENT = 20
NIGHT_PERCENT = 10
LAST_DAYS = 3
RUSH_FACTOR = 3
APPEAL_DAYS = 10


@dataclass(frozen=True, slots=True)
class Weight:
    """What a measure's level and improvement weigh, in percent of the whole."""

    measure: Measure
    level: int
    improvement: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A street's records in the days, in as many days before, and what the detectors look at."""

    street: str
    measure: Measure
    count: int
    before: int
    top_actor: int
    night: int
    last_days: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a street stands; points in hundredths, with their range. A flag makes the place provisional."""

    street: str
    place: int
    points: int
    low: int
    high: int
    flags: Sequence[str]


FORMULA = TypeAdapter(list[Weight])
COUNTS = TypeAdapter(list[Counted])
PLACES = TypeAdapter(list[Place])


@dataclass(kw_only=True, eq=False)
class FormulaInadmissible(Inadmissible):
    """The formula's weights do not come to 100, or a measure stands twice."""

    type = "competition-formula-inadmissible"
    title = "竞赛公式有误"
    title_en = "Inadmissible formula"
    detail = "权重合计须为 100 且每项指标只出现一次，当前合计 {total}。"
    detail_en = "The weights come to 100 and each measure stands once; these come to {total}."

    total: int


@dataclass(kw_only=True, eq=False)
class AnnouncedTooLate(Conflict):
    """The days have begun."""

    type = "competition-announced-too-late"
    title = "竞赛公式须提前公布"
    title_en = "Announced too late"
    detail = "公式须在首日 {first_day} 之前公布。请改期。"
    detail_en = "The formula is published before the first day, {first_day}. Choose later days."

    first_day: str


@dataclass(kw_only=True, eq=False)
class CompetitionUnseen(Unseen):
    """There is no such competition, ranking or appeal."""

    type = "competition-unseen"
    title = "未找到该竞赛、排名或申诉"
    title_en = "No such competition, ranking or appeal"
    detail = "未找到 {what}。请核对编号。"
    detail_en = "There is no {what}. Check its id."

    what: str


@dataclass(kw_only=True, eq=False)
class CompetitionNotOver(Conflict):
    """The days are not over."""

    type = "competition-not-over"
    title = "竞赛尚未结束"
    title_en = "The competition is not over"
    detail = "竞赛于 {last_day} 结束，次日起方可排名。"
    detail_en = "The competition ends on {last_day}; it is ranked from the day after."

    last_day: str


@dataclass(kw_only=True, eq=False)
class AppealRefused(Conflict):
    """There is nothing to appeal against, it is too late, or the appeal is decided."""

    type = "competition-appeal-refused"
    title = "不能申诉或裁决"
    title_en = "No appeal, or no ruling"
    detail = "申诉须在排名公布后 {days} 天内由参赛镇街提出，且每件只裁决一次。"
    detail_en = "A street of the competition appeals within {days} days of the ranking, and an appeal is decided once."

    days: int


@dataclass(kw_only=True, eq=False)
class OwnAppeal(Forbidden):
    """Who raised an appeal does not decide it."""

    type = "competition-own-appeal"
    title = "不得裁决自己的申诉"
    title_en = "No ruling on one's own appeal"
    detail = "申诉人不能裁决自己的申诉。请由他人裁决。"
    detail_en = "Who raised the appeal cannot decide it. Let somebody else."


def check_announcement(formula: Sequence[Weight], first_day: date, now: datetime) -> None:
    """Refuse a formula that does not come to 100, or that comes after the first day has begun.

    Raises:
        FormulaInadmissible: The weights do not come to 100, or a measure stands twice.
        AnnouncedTooLate: The days have begun.
    """
    total = sum(weight.level + weight.improvement for weight in formula)
    if total != WHOLE or len({weight.measure for weight in formula}) != len(formula):
        raise FormulaInadmissible(total=total)
    if local_day(now) >= first_day:
        raise AnnouncedTooLate(first_day=first_day.isoformat())


def rank(
    formula: Sequence[Weight],
    populations: Mapping[str, int],
    counts: Sequence[Counted],
    *,
    days: int,
    cleared: Sequence[str] = (),
) -> list[Place]:
    """Rank streets; `days` is how long it lasted, `cleared` are streets whose flags an appeal has cleared."""
    known = {(one.street, one.measure): (one.count, one.before) for one in counts}
    exact = {street: _total(formula, populations, known, street) for street in populations}
    ranges = {street: _range(formula, populations, known, street) for street in populations}
    flags = {street: [] if street in cleared else flags_of(street, counts, days) for street in populations}
    order = sorted(populations, key=lambda street: (-exact[street], street))
    places: list[Place] = []
    place, leader_low = 0, 0
    for number, street in enumerate(order, 1):
        low, high = ranges[street]
        if not places or high < leader_low:
            place, leader_low = number, low
        places.append(Place(street, place, _cents(exact[street]), low, high, flags[street]))
    return places


def flags_of(street: str, counts: Sequence[Counted], days: int) -> list[str]:
    """Return what looks like gaming in a street's counts: one hand, nights, or a rush in the last days."""
    flags = []
    for one in counts:
        if one.street != street or one.count < FLAGGED_FROM:
            continue
        if one.top_actor * 100 > one.count * ONE_ACTOR_PERCENT:
            flags.append(f"{one.measure}: one_actor")
        if one.night * 100 > one.count * NIGHT_PERCENT:
            flags.append(f"{one.measure}: night")
        if one.last_days * days > one.count * LAST_DAYS * RUSH_FACTOR:
            flags.append(f"{one.measure}: last_days")
    return flags


def digest_of(formula: Sequence[Weight], populations: Mapping[str, int], first_day: date, last_day: date) -> str:
    """Return the SM3 of what is published before a competition begins."""
    facts = [FORMULA.dump_python(list(formula)), dict(populations), first_day.isoformat(), last_day.isoformat()]
    return hashlib.new("sm3", json.dumps(facts, sort_keys=True).encode()).hexdigest()


Known = Mapping[tuple[str, Measure], tuple[int, int]]


def _range(formula: Sequence[Weight], populations: Mapping[str, int], known: Known, street: str) -> tuple[int, int]:
    def shifted(sign: int) -> Fraction:
        own = {
            key: (max(0, count + sign * (isqrt(int(count * Z_SQUARED)) + 1)), before)
            for key, (count, before) in known.items()
            if key[0] == street
        }
        return _total(formula, populations, {**known, **own}, street)

    return _cents(shifted(-1)), _cents(shifted(1))


def _total(formula: Sequence[Weight], populations: Mapping[str, int], known: Known, street: str) -> Fraction:
    total = Fraction(0)
    for weight in formula:
        counts = {one: known.get((one, weight.measure), (0, 0)) for one in populations}
        level = {one: Fraction(count, populations[one]) for one, (count, _) in counts.items()}
        better = {one: Fraction(count - before, before + STEADY) for one, (count, before) in counts.items()}
        total += weight.level * _ahead(level, street) + weight.improvement * _ahead(better, street)
    return total


def _ahead(values: Mapping[str, Fraction], street: str) -> Fraction:
    """Return of how much of the others a street is ahead; an equal one counts half."""
    own = values[street]
    others = [value for one, value in values.items() if one != street]
    return Fraction(sum(2 * (value < own) + (value == own) for value in others), 2 * len(others))


def _cents(points: Fraction) -> int:
    return int(points * 100)
