"""Sets of periods, and kinds of days: the one algebra by which opening, closing and changing over are reckoned."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from chinese_calendar import constants

from shared.clock import CHINA, Period

DayKind = Literal["ordinary", "holiday", "make_up_workday"]
"""A day as the State Council's notice has it: as its weekday, off 放假, or worked instead of another 调休上班."""
PUBLISHED_UNTIL = max(constants.holidays).replace(month=12, day=31)
"""The last day whose kind the notice that `chinesecalendar` carries says; later days are in the table or ordinary."""


def published_kind(day: date) -> DayKind:
    """Return the kind of a day by the published notices; after PUBLISHED_UNTIL every day is ordinary."""
    if day in constants.holidays:
        return "holiday"
    return "make_up_workday" if day in constants.workdays else "ordinary"


def midnight(day: date) -> datetime:
    """Return the moment a civil day begins in China."""
    return datetime.combine(day, time(), CHINA)


def days_of(first: date, last: date) -> Iterator[date]:
    """Yield the days from the first to the last."""
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def within_day(day: date, from_minute: int, to_minute: int) -> Period:
    """Return the period between two minutes of a day, counted from midnight."""
    start = midnight(day)
    return start + timedelta(minutes=from_minute), start + timedelta(minutes=to_minute)


@dataclass(frozen=True, slots=True)
class Periods:
    """A set of moments, as disjoint periods in order that do not touch."""

    periods: tuple[Period, ...] = ()

    @classmethod
    def of(cls, periods: Iterable[Period]) -> "Periods":
        """Unite periods, in any order and however they overlap; the empty ones are left out."""
        united: list[Period] = []
        for start, end in sorted(period for period in periods if period[0] < period[1]):
            if united and start <= united[-1][1]:
                united[-1] = (united[-1][0], max(end, united[-1][1]))
            else:
                united.append((start, end))
        return cls(tuple(united))

    def __or__(self, other: "Periods") -> "Periods":
        """Return the moments in either."""
        return Periods.of((*self.periods, *other.periods))

    def __and__(self, other: "Periods") -> "Periods":
        """Return the moments in both."""
        both, mine, theirs = [], iter(self.periods), iter(other.periods)
        one, two = next(mine, None), next(theirs, None)
        while one and two:
            start, end = max(one[0], two[0]), min(one[1], two[1])
            if start < end:
                both.append((start, end))
            if one[1] <= two[1]:
                one = next(mine, None)
            else:
                two = next(theirs, None)
        return Periods(tuple(both))

    def __sub__(self, other: "Periods") -> "Periods":
        """Return the moments in this that are not in the other."""
        rest: list[Period] = []
        taken = iter(other.periods)
        hole = next(taken, None)
        for start, end in self.periods:
            free_from = start
            while hole and hole[1] <= free_from:
                hole = next(taken, None)
            while hole and hole[0] < end:
                if free_from < hole[0]:
                    rest.append((free_from, hole[0]))
                free_from = hole[1]
                if free_from >= end:
                    break
                hole = next(taken, None)
            if free_from < end:
                rest.append((free_from, end))
        return Periods(tuple(rest))

    def __iter__(self) -> Iterator[Period]:
        """Go through the periods in order."""
        return iter(self.periods)

    def __bool__(self) -> bool:
        """Tell whether there is any moment in it."""
        return bool(self.periods)

    def covers(self, period: Period) -> bool:
        """Tell whether a period lies wholly within one of these."""
        return any(start <= period[0] and period[1] <= end for start, end in self.periods)
