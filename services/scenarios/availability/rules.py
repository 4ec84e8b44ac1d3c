"""What may be booked, when a space is free, and why not."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from shared.clock import CHINA, Period
from shared.errors import Conflict, Inadmissible

AHEAD_MAX_DAYS = 180
SEARCH_MAX_DAYS = 31
ALTERNATIVES_WITHIN = timedelta(days=7)
ALTERNATIVES_MAX = 3
FIRST_FREE_MAX = 10
FIRST_FREE_WITHIN_DAYS = 14
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Bookable:
    """What booking a space takes to know.

    Attributes:
        slot: The step in which bookings start and end, from the moment of opening.
        buffer: How long the space stays claimed after a booking.
        approval_required: Whether staff approve each booking.
        suspended_from: Since when who runs it is on the black list, if at all.
    """

    id: uuid.UUID
    community_code: str
    name: str
    unit_ids: tuple[uuid.UUID, ...]
    slot: timedelta
    buffer: timedelta
    longest: timedelta
    approval_required: bool
    suspended_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A period within which a space can be booked; slots count from `grid_from`, the moment of opening."""

    period: Period
    grid_from: datetime


@dataclass(kw_only=True, eq=False)
class PeriodReversed(Inadmissible):
    """The period ends before it starts, or is empty."""

    type = "period-reversed"
    title = "结束时间不晚于开始时间"
    title_en = "Period is empty or reversed"
    detail = "结束时间须晚于开始时间，请改正后重试。"
    detail_en = "The end must be later than the start; mend it and try again."


@dataclass(kw_only=True, eq=False)
class PeriodPast(Inadmissible):
    """The period has begun."""

    type = "period-past"
    title = "时段已开始或已过去"
    title_en = "Period is past"
    detail = "开始时间 {starts_at} 已过，请选择以后的时段。"
    detail_en = "The start {starts_at} is past; choose a later period."

    starts_at: str


@dataclass(kw_only=True, eq=False)
class PeriodTooFar(Inadmissible):
    """The period lies too far ahead."""

    type = "period-too-far"
    title = "超出可预约日期"
    title_en = "Period is too far ahead"
    detail = "最多可提前 {days_max} 天预约，请选择较近的日期。"
    detail_en = "Bookings are taken up to {days_max} days ahead; choose a nearer day."

    days_max: int


@dataclass(kw_only=True, eq=False)
class PeriodTooLong(Inadmissible):
    """The period is longer than the space allows."""

    type = "period-too-long"
    title = "超过单次最长时间"
    title_en = "Period is too long"
    detail = "此空间单次最长可用 {longest_minutes} 分钟，请缩短时间或分次预约。"
    detail_en = "This space is booked for {longest_minutes} minutes at most; shorten or split it."

    longest_minutes: int


@dataclass(kw_only=True, eq=False)
class OutsideOpeningHours(Inadmissible):
    """The period does not lie within one time of opening."""

    type = "outside-opening-hours"
    title = "不在开放时间内"
    title_en = "Outside opening hours"
    detail = "{day} 的开放时间：{open}。请选择其中的时段。"
    detail_en = "Open on {day}: {open}. Choose a period within one of these."

    day: str
    open: str


@dataclass(kw_only=True, eq=False)
class PeriodOffGrid(Inadmissible):
    """The period does not start and end on the space's slots."""

    type = "period-off-grid"
    title = "起止时间不在时段边界"
    title_en = "Period is off the slots"
    detail = "自 {opens_at} 起每 {slot_minutes} 分钟为一个时段，起止时间须落在时段边界。"
    detail_en = "Slots are {slot_minutes} minutes long, counted from {opens_at}; start and end on one."

    opens_at: str
    slot_minutes: int


@dataclass(kw_only=True, eq=False)
class SearchTooLong(Inadmissible):
    """Free periods were asked for over too many days."""

    type = "search-too-long"
    title = "查询范围过长"
    title_en = "Search is too long"
    detail = "每次最多查询 {days_max} 天，请分次查询。"
    detail_en = "Ask for at most {days_max} days at a time."

    days_max: int


@dataclass(kw_only=True, eq=False)
class SlotTaken(Conflict):
    """Another booking has the period; there are others to choose from."""

    type = "slot-taken"
    title = "该时段已被预约"
    title_en = "Slot is taken"
    detail = "该时段刚被他人预约。alternatives 中有同一空间的其他时段和同一时间的其他空间。"
    detail_en = (
        "The period has just been booked. alternatives has other periods of this space, and other spaces at this time."
    )

    alternatives: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A space that could be booked instead."""

    space_id: uuid.UUID
    name: str


def local(moment: datetime) -> str:
    """Return a moment as people read it, in China's time."""
    return moment.astimezone(CHINA).isoformat(timespec="minutes")


def day_of(moment: datetime) -> Period:
    """Return the civil day of a moment in China."""
    start = moment.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def admit_period(space: Bookable, windows: Sequence[Window], period: Period, now: datetime) -> None:
    """Admit a period in which the space can be booked, whoever has it.

    Args:
        space: The space.
        windows: When it can be booked, on that day.
        period: What is asked for.
        now: The moment of asking.

    Raises:
        Inadmissible: It cannot (see `period_refusals`).
    """
    for refusal in period_refusals(space, windows, period, now):
        raise refusal


def period_refusals(
    space: Bookable, windows: Sequence[Window], period: Period, now: datetime
) -> Iterator[Inadmissible]:
    """Yield all that stands against a period but those who have it.

    PeriodReversed: it is empty or reversed. PeriodPast: it has begun. PeriodTooFar: it starts more than AHEAD_MAX_DAYS
    from now. PeriodTooLong: it is longer than the space allows. OutsideOpeningHours: it does not lie within one window.
    PeriodOffGrid: it does not start and end on the slots.
    """
    start, end = period
    if end <= start:
        yield PeriodReversed()
        return
    if start < now:
        yield PeriodPast(starts_at=local(start))
    if start > now + timedelta(days=AHEAD_MAX_DAYS):
        yield PeriodTooFar(days_max=AHEAD_MAX_DAYS)
    if end - start > space.longest:
        yield PeriodTooLong(longest_minutes=space.longest // MINUTE)
    around = next((w for w in windows if w.period[0] <= start and end <= w.period[1]), None)
    if around is None:
        hours = "、".join(f"{local(w.period[0])[11:16]}–{_clock_until(w.period)}" for w in windows)
        yield OutsideOpeningHours(day=local(start)[:10], open=hours or "不开放 closed")
    elif (start - around.grid_from) % space.slot or (end - start) % space.slot:
        yield PeriodOffGrid(opens_at=local(around.grid_from), slot_minutes=space.slot // MINUTE)


def _clock_until(period: Period) -> str:
    return "24:00" if period[1] == day_of(period[0])[1] else local(period[1])[11:16]


def claimed_period(space: Bookable, period: Period) -> Period:
    """Return what a booking claims: its period and the buffer after it."""
    return period[0], period[1] + space.buffer


def check_search(period: Period) -> None:
    """Refuse a search that is reversed or too long.

    Raises:
        PeriodReversed: It is empty or reversed.
        SearchTooLong: It spans more than SEARCH_MAX_DAYS.
    """
    if period[1] <= period[0]:
        raise PeriodReversed
    if period[1] - period[0] > timedelta(days=SEARCH_MAX_DAYS):
        raise SearchTooLong(days_max=SEARCH_MAX_DAYS)


def on_slots(space: Bookable, free: Window) -> Period | None:
    """Return the whole slots within a period that is free, if there are any."""
    start, end = free.period
    first = free.grid_from + -((free.grid_from - start) // space.slot) * space.slot
    last = free.grid_from + (end - free.grid_from) // space.slot * space.slot
    return (first, last) if first < last else None


def next_free(free: Sequence[Period], period: Period) -> list[Period]:
    """Return the first periods, as long as the one asked for, of those that are free."""
    length = period[1] - period[0]
    found = (
        (start + n * length, start + (n + 1) * length) for start, end in free for n in range((end - start) // length)
    )
    return list(islice(found, ALTERNATIVES_MAX))


def alternatives(same_space: Sequence[Period], same_time: Sequence[Offer]) -> dict[str, list[dict[str, Any]]]:
    """Return what a refusal offers instead, as a program reads it."""
    return {
        # As a booking takes them (RFC 3339): whoever is refused sends one of these back.
        "same_space": [
            {"starts_at": start.astimezone(CHINA).isoformat(), "ends_at": end.astimezone(CHINA).isoformat()}
            for start, end in same_space
        ],
        "same_time": [{"space_id": str(offer.space_id), "name": offer.name} for offer in same_time],
    }
