"""When a space is open, and what its terms must be. Times of day are China's."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise

from shared.clock import CHINA
from shared.errors import Conflict, Inadmissible, Unseen

Period = tuple[datetime, datetime]
"""Half-open: from the first moment to just before the second."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A weekly time of opening: ISO weekday (1 is Monday), and minutes from midnight, at most 1440 (24:00)."""

    weekday: int
    opens_minute: int
    closes_minute: int


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a space is booked; a buffer follows each booking, for cleaning and changing over."""

    openings: tuple[Opening, ...]
    slot_minutes: int
    buffer_minutes: int
    longest_minutes: int

    @property
    def slot(self) -> timedelta:
        """The step in which bookings start and end, from the moment of opening."""
        return timedelta(minutes=self.slot_minutes)

    @property
    def buffer(self) -> timedelta:
        """How long the space stays claimed after a booking."""
        return timedelta(minutes=self.buffer_minutes)


@dataclass(kw_only=True, eq=False)
class OpeningHoursOverlap(Inadmissible):
    """Two times of opening on a weekday overlap, or one is empty."""

    type = "opening-hours-overlap"
    title = "开放时间有误"
    title_en = "Opening hours overlap"
    detail = "星期 {weekday} 的开放时间为空或相互重叠，请合并或改正。"
    detail_en = "Opening hours of weekday {weekday} are empty or overlap; merge or mend them."

    weekday: int


@dataclass(kw_only=True, eq=False)
class TermsUnbookable(Inadmissible):
    """No booking could keep these terms."""

    type = "terms-unbookable"
    title = "预约规则无法使用"
    title_en = "Terms cannot be kept"
    detail = "最长时间 {longest_minutes} 分钟须为时段 {slot_minutes} 分钟的整数倍，且每段开放时间不短于一个时段。"
    detail_en = (
        "The longest booking ({longest_minutes} min) must be a multiple of the slot ({slot_minutes} min),"
        " and no time of opening may be shorter than a slot."
    )

    longest_minutes: int
    slot_minutes: int


@dataclass(kw_only=True, eq=False)
class SpaceUnseen(Unseen):
    """There is no such space."""

    type = "space-unseen"
    title = "没有这个空间"
    title_en = "No such space"
    detail = "没有编号为 {space_id} 的空间，请从社区的空间列表中选择。"
    detail_en = "There is no space {space_id}; choose one from the community's list."

    space_id: str


def check_terms(terms: Terms) -> None:
    """Refuse terms that contradict themselves.

    Raises:
        OpeningHoursOverlap: A time of opening is empty or overlaps another.
        TermsUnbookable: The longest booking is no multiple of the slot, or a time of opening holds no slot.
    """
    ordered = sorted(terms.openings, key=lambda o: (o.weekday, o.opens_minute))
    for opening in ordered:
        if opening.opens_minute >= opening.closes_minute:
            raise OpeningHoursOverlap(weekday=opening.weekday)
    for earlier, later in pairwise(ordered):
        if earlier.weekday == later.weekday and later.opens_minute < earlier.closes_minute:
            raise OpeningHoursOverlap(weekday=later.weekday)
    shortest = min(opening.closes_minute - opening.opens_minute for opening in ordered)
    if terms.longest_minutes % terms.slot_minutes or shortest < terms.slot_minutes:
        raise TermsUnbookable(longest_minutes=terms.longest_minutes, slot_minutes=terms.slot_minutes)


def open_periods(openings: Sequence[Opening], start: datetime, end: datetime) -> Iterator[Period]:
    """Yield, in order, the periods of opening that touch [start, end)."""
    ordered = sorted(openings, key=lambda opening: opening.opens_minute)
    day = datetime.combine(start.astimezone(CHINA).date(), time(), CHINA)
    while day < end:
        for opening in ordered:
            opens, closes = (day + timedelta(minutes=m) for m in (opening.opens_minute, opening.closes_minute))
            if opening.weekday == day.isoweekday() and opens < end and closes > start:
                yield opens, closes
        day += timedelta(days=1)


@dataclass(kw_only=True, eq=False)
class OperatorDebarred(Conflict):
    """Who runs the space is on the black list."""

    type = "space-operator-debarred"
    title = "空间运营方已列入黑名单"
    title_en = "The space's operator is debarred"
    detail = "空间 {space_id} 的运营方已列入黑名单，暂停预约。请选择其他空间，或联系社区服务台。"
    detail_en = "Who runs the space {space_id} is debarred; it takes no bookings. Choose another, or ask the desk."

    space_id: uuid.UUID


def admit_operator(space_id: uuid.UUID, suspended_from: datetime | None, now: datetime) -> None:
    """Refuse a space whose operator is on the black list now.

    Raises:
        OperatorDebarred: It is.
    """
    if suspended_from and suspended_from <= now:
        raise OperatorDebarred(space_id=space_id)
