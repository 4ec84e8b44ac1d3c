"""How the windows within which a space can be booked follow from its rules and the calendar."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.scenarios.calendar.rules import DayKind, Periods, within_day
from services.scenarios.spaces.rules import Hours, Terms
from shared.clock import Period

BASE = "base"
"""The function that a space has of its own, whenever it is open and no other takes it over."""
AHEAD_DAYS = 200
"""How many days windows are laid out ahead: more than anybody may book, by the days that the worker may be away."""


@dataclass(frozen=True, slots=True)
class BookableWindow:
    """A period within which a space can be booked for a function; slots count from `grid_from`."""

    function: str
    period: Period
    grid_from: datetime


def hours_on(terms: Terms, day: date, kind: DayKind) -> tuple[Hours, ...]:
    """Return when a space is open on a day of this kind, in minutes from midnight."""
    if kind == "holiday" and terms.holiday_hours is not None:
        return terms.holiday_hours
    if kind == "make_up_workday" and terms.make_up_workday_hours is not None:
        return terms.make_up_workday_hours
    return tuple((o.opens_minute, o.closes_minute) for o in terms.openings if o.weekday == day.isoweekday())


def openings(terms: Terms, kinds: Mapping[date, DayKind]) -> list[Period]:
    """Return the periods of opening on these days."""
    return [within_day(day, *hours) for day, kind in kinds.items() for hours in hours_on(terms, day, kind)]


def windows(function: str, opened: list[Period], closed: Periods) -> Iterator[BookableWindow]:
    """Yield what closures leave of each period of opening."""
    for period in opened:
        for rest in Periods((period,)) - closed:
            yield BookableWindow(function, rest, period[0])
