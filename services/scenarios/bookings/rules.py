"""What may be booked, when a space is free, and why not."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.scenarios.spaces.rules import Period, Terms, open_periods
from shared.clock import CHINA
from shared.errors import Conflict, Inadmissible, Unseen

AHEAD_MAX_DAYS = 180
SEARCH_MAX_DAYS = 31
ALTERNATIVES_WITHIN = timedelta(days=7)
ALTERNATIVES_MAX = 3


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


@dataclass(kw_only=True, eq=False)
class BookingUnseen(Unseen):
    """There is no such booking, or none that the caller may see."""

    type = "booking-unseen"
    title = "没有这个预约"
    title_en = "No such booking"
    detail = "没有编号为 {booking_id} 的预约，或您无权查看。"
    detail_en = "There is no booking {booking_id}, or none that you may see."

    booking_id: str


@dataclass(kw_only=True, eq=False)
class BookingBegun(Conflict):
    """The booking has begun and cannot be cancelled."""

    type = "booking-begun"
    title = "预约已开始"
    title_en = "Booking has begun"
    detail = "预约已于 {starts_at} 开始，不能取消；请与社区前台联系。"
    detail_en = "The booking began at {starts_at} and cannot be cancelled; ask at the community's desk."

    starts_at: str


@dataclass(kw_only=True, eq=False)
class BookingCancelled(Conflict):
    """The booking was cancelled before."""

    type = "booking-cancelled"
    title = "预约已取消"
    title_en = "Booking is cancelled"
    detail = "预约 {booking_id} 此前已取消，无须再次取消。"
    detail_en = "Booking {booking_id} was cancelled before; nothing is left to do."

    booking_id: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A space and the terms on which it could be booked instead."""

    space_id: uuid.UUID
    name: str
    terms: Terms


def local(moment: datetime) -> str:
    """Return a moment as people read it, in China's time."""
    return moment.astimezone(CHINA).isoformat(timespec="minutes")


def admit_period(terms: Terms, period: Period, now: datetime) -> None:
    """Admit a period that the terms allow.

    Raises:
        PeriodReversed: It is empty or reversed.
        PeriodPast: It has begun.
        PeriodTooFar: It starts more than AHEAD_MAX_DAYS from now.
        PeriodTooLong: It is longer than the space allows.
        OutsideOpeningHours: It does not lie within one time of opening.
        PeriodOffGrid: It does not start and end on the slots.
    """
    start, end = period
    if end <= start:
        raise PeriodReversed
    if start < now:
        raise PeriodPast(starts_at=local(start))
    if start > now + timedelta(days=AHEAD_MAX_DAYS):
        raise PeriodTooFar(days_max=AHEAD_MAX_DAYS)
    if end - start > timedelta(minutes=terms.longest_minutes):
        raise PeriodTooLong(longest_minutes=terms.longest_minutes)
    opens = _opening_around(terms, period)
    if (start - opens) % terms.slot or (end - start) % terms.slot:
        raise PeriodOffGrid(opens_at=local(opens), slot_minutes=terms.slot_minutes)


def _opening_around(terms: Terms, period: Period) -> datetime:
    start, end = period
    for opens, closes in open_periods(terms.openings, start, end):
        if opens <= start and end <= closes:
            return opens
    day = start.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = (
        f"{local(o)[11:16]}–{local(c)[11:16]}" for o, c in open_periods(terms.openings, day, day + timedelta(days=1))
    )
    raise OutsideOpeningHours(day=day.date().isoformat(), open="、".join(hours) or "不开放 closed")


def claimed_period(terms: Terms, period: Period) -> Period:
    """Return what a booking claims: its period and the buffer after it."""
    return period[0], period[1] + terms.buffer


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


def free_periods(terms: Terms, claims: Iterable[Period], within: Period) -> Iterator[Period]:
    """Yield the longest periods within which any booking on the slots is free.

    Args:
        terms: The space's.
        claims: What is claimed, buffers included, sorted by start.
        within: Where to look.
    """
    # A booking needs its buffer free as well: whatever ends less than a buffer before a claim is not free.
    taken = [(start - terms.buffer, end) for start, end in claims]
    for opens, closes in open_periods(terms.openings, *within):
        free_from = max(opens, within[0])
        for start, end in [*taken, (closes, closes)]:
            if start < opens and end <= opens:
                continue
            yield from _on_slots(terms, opens, free_from, min(start, closes, within[1]))
            free_from = max(free_from, end)


def _on_slots(terms: Terms, opens: datetime, start: datetime, end: datetime) -> Iterator[Period]:
    first = opens + -((opens - start) // terms.slot) * terms.slot
    last = opens + (end - opens) // terms.slot * terms.slot
    if first < last:
        yield first, last


def next_free(terms: Terms, claims: Iterable[Period], period: Period, now: datetime) -> list[Period]:
    """Return the first periods, as long as the one asked for, that are free around and after it."""
    length = period[1] - period[0]
    found: list[Period] = []
    day = period[0].astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    for start, end in free_periods(terms, claims, (max(now, day), period[0] + ALTERNATIVES_WITHIN)):
        found.extend((start + n * length, start + (n + 1) * length) for n in range((end - start) // length))
        if len(found) >= ALTERNATIVES_MAX:
            break
    return found[:ALTERNATIVES_MAX]


def alternatives(same_space: Sequence[Period], same_time: Sequence[Offer]) -> dict[str, list[dict[str, Any]]]:
    """Return what a refusal offers instead, as a program reads it."""
    return {
        "same_space": [{"starts_at": local(start), "ends_at": local(end)} for start, end in same_space],
        "same_time": [{"space_id": str(offer.space_id), "name": offer.name} for offer in same_time],
    }
