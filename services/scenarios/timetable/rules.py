"""How the windows within which a space can be booked follow from its rules and the calendar, and what may not be."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.scenarios.calendar.rules import DayKind, Periods, within_day
from services.scenarios.spaces.rules import Hours, Terms
from shared.clock import Period
from shared.errors import Conflict

BASE = "base"
"""The function that a space has of its own, whenever it is open and no other takes it over."""
AHEAD_DAYS = 200
"""How many days windows are laid out ahead: more than anybody may book, by the days that the worker may be away."""

Kinds = Mapping[date, DayKind]


@dataclass(frozen=True, slots=True)
class BookableWindow:
    """A period within which a space can be booked for a function; slots count from `grid_from`."""

    function: str
    period: Period
    grid_from: datetime


@dataclass(frozen=True, slots=True)
class Mode:
    """What a space serves as, on which days and between which hours.

    Attributes:
        weekdays: ISO weekdays, meant for ordinary days: a holiday is none, nor is a day that is worked instead.
        change_over_minutes: Before and after it the space serves nothing that it is not compatible with.
        compatible_with: The functions that it may be laid over; `base` is the space's own.
        bookable: Whether it can be booked, or is simply there, as a road is.
        valid: The first and the last day.
        whole: Whether it is of the whole of the space that is looked at, or of a part of it.
    """

    function: str
    weekdays: frozenset[int]
    on_holidays: bool
    on_make_up_workdays: bool
    hours: Hours
    change_over_minutes: int
    compatible_with: frozenset[str]
    bookable: bool
    valid: tuple[date, date]
    whole: bool = True

    def applies(self, day: date, kind: DayKind) -> bool:
        """Tell whether it is on a day of this kind."""
        if not self.valid[0] <= day <= self.valid[1]:
            return False
        if kind == "holiday":
            return self.on_holidays
        return self.on_make_up_workdays if kind == "make_up_workday" else day.isoweekday() in self.weekdays

    def goes_with(self, function: str, its_compatible: frozenset[str] = frozenset()) -> bool:
        """Tell whether the space may serve another function at the same time."""
        return function in self.compatible_with or self.function in its_compatible

    def periods(self, kinds: Kinds, change_over_minutes: int = 0) -> list[Period]:
        """Return when it is on, widened on both sides."""
        opens, closes = self.hours[0] - change_over_minutes, self.hours[1] + change_over_minutes
        return [within_day(day, opens, closes) for day, kind in kinds.items() if self.applies(day, kind)]


@dataclass(kw_only=True, eq=False)
class BookingsInTheWay(Conflict):
    """There are bookings that could not be kept."""

    type = "bookings-in-the-way"
    title = "有预约受影响"
    title_en = "Bookings are in the way"
    detail = "有 {count} 个预约与此安排冲突（编号见 booking_ids），请先改期或取消。"
    detail_en = "{count} bookings could not be kept (see booking_ids); move or cancel them first."

    count: int
    booking_ids: list[str]


@dataclass(kw_only=True, eq=False)
class SpaceClosed(Conflict):
    """The space is closed then."""

    type = "space-closed"
    title = "空间停用"
    title_en = "Space is closed"
    detail = "空间自 {starts_at} 至 {ends_at} 停用，原因：{reason}。"
    detail_en = "The space is closed from {starts_at} to {ends_at}: {reason}."

    starts_at: str
    ends_at: str
    reason: str


@dataclass(kw_only=True, eq=False)
class ServesOtherwise(Conflict):
    """The space serves as something else then, or is being changed over."""

    type = "serves-otherwise"
    title = "该时段空间另有功能"
    title_en = "Space serves otherwise"
    detail = "该时段空间用作“{function}”（含转换时间 {change_over_minutes} 分钟），请另选时段或功能。"
    detail_en = (
        "The space serves as {function} then, {change_over_minutes} min of changing over on both sides included."
    )

    function: str
    change_over_minutes: int


@dataclass(kw_only=True, eq=False)
class OtherHours(Conflict):
    """The day is a holiday or worked instead of another, and the space has hours of its own for it."""

    type = "other-hours"
    title = "节假日或调休日另有开放时间"
    title_en = "The day has hours of its own"
    detail = "{day} 为{kind_zh}，按相应的开放时间执行。"
    detail_en = "{day} is a {kind}, and the space keeps the hours of such days."

    day: str
    kind: DayKind
    kind_zh: str


def hours_on(terms: Terms, day: date, kind: DayKind) -> tuple[Hours, ...]:
    """Return when a space is open on a day of this kind, in minutes from midnight."""
    if kind == "holiday" and terms.holiday_hours is not None:
        return terms.holiday_hours
    if kind == "make_up_workday" and terms.make_up_workday_hours is not None:
        return terms.make_up_workday_hours
    return tuple((o.opens_minute, o.closes_minute) for o in terms.openings if o.weekday == day.isoweekday())


def openings(terms: Terms, kinds: Kinds) -> list[Period]:
    """Return the periods of opening on these days."""
    return [within_day(day, *hours) for day, kind in kinds.items() for hours in hours_on(terms, day, kind)]


def windows(terms: Terms, modes: Sequence[Mode], closed: Periods, kinds: Kinds) -> Iterator[BookableWindow]:
    """Yield the windows of a space, of its own function and of each that it serves beside, on these days.

    A function is served while it is on, less closures, and less what does not go with it and the changing over to that.
    """
    opened = {BASE: openings(terms, kinds)}
    for mode in modes:
        if mode.bookable and mode.whole:
            opened.setdefault(mode.function, []).extend(mode.periods(kinds))
    for function, periods in opened.items():
        away = closed | _taken_over(function, modes, kinds)
        for period in periods:
            for rest in Periods((period,)) - away:
                yield BookableWindow(function, rest, period[0])


def _taken_over(function: str, modes: Iterable[Mode], kinds: Kinds) -> Periods:
    compatible = frozenset[str]().union(*(mode.compatible_with for mode in modes if mode.function == function))
    others = (m for m in modes if m.function != function and not m.goes_with(function, compatible))
    return Periods.of(period for m in others for period in m.periods(kinds, m.change_over_minutes))
