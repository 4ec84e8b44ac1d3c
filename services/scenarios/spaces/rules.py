"""When a space is open, and what its terms must be. Times of day are China's."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from shared.errors import Conflict, Inadmissible, Unseen


@dataclass(frozen=True, slots=True)
class Opening:
    """A weekly time of opening: ISO weekday (1 is Monday), and minutes from midnight, at most 1440 (24:00)."""

    weekday: int
    opens_minute: int
    closes_minute: int


HOLIDAY, MAKE_UP_WORKDAY = 8, 9
"""How a refusal names these days beside the weekdays 1 to 7."""
Hours = tuple[int, int]
"""From when until when, in minutes from midnight."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a space is booked; a buffer follows each booking, for cleaning and changing over.

    Attributes:
        holiday_hours: When it is open on a holiday; none: closed. Without the list, as on the weekday that it is.
        make_up_workday_hours: The same for a day that is worked instead of another 调休上班.
        approval_required: Whether staff approve each booking.
    """

    openings: tuple[Opening, ...]
    slot_minutes: int
    buffer_minutes: int
    longest_minutes: int
    holiday_hours: tuple[Hours, ...] | None = None
    make_up_workday_hours: tuple[Hours, ...] | None = None
    approval_required: bool = False


@dataclass(kw_only=True, eq=False)
class OpeningHoursOverlap(Inadmissible):
    """Two times of opening on a weekday overlap, or one is empty."""

    type = "opening-hours-overlap"
    title = "开放时间有误"
    title_en = "Opening hours overlap"
    detail = "星期 {weekday}（8 为节假日，9 为调休上班日）的开放时间为空或相互重叠，请合并或改正。"
    detail_en = "Opening hours of weekday {weekday} (8 holidays, 9 make-up workdays) are empty or overlap; mend them."

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


@dataclass(kw_only=True, eq=False)
class SpaceRetired(Conflict):
    """The space is not let any more."""

    type = "space-retired"
    title = "空间已停止开放"
    title_en = "Space is retired"
    detail = "空间“{name}”已停止接受新的预约，请从社区的空间列表中另选。"
    detail_en = "The space {name} takes no new bookings; choose another from the community's list."

    name: str


@dataclass(kw_only=True, eq=False)
class PartsInadmissible(Inadmissible):
    """A space cannot be put together from these parts."""

    type = "parts-inadmissible"
    title = "组成部分有误"
    title_en = "Parts are not admissible"
    detail = "组合空间须由同一社区 {community_code} 中至少两个互不重叠且仍在开放的空间组成。"
    detail_en = "A composite takes two spaces or more of community {community_code} that share nothing and are in use."

    community_code: str


@dataclass(kw_only=True, eq=False)
class SpaceComposite(Conflict):
    """The space is made of several units: they are what can be divided."""

    type = "space-composite"
    title = "组合空间不能直接分隔"
    title_en = "Space is composite"
    detail = "空间“{name}”由 {units} 个最小单元组成，请分隔其组成部分。"
    detail_en = "The space {name} is made of {units} units; divide the spaces that it is made of."

    name: str
    units: int


def check_terms(terms: Terms) -> None:
    """Refuse terms that contradict themselves.

    Raises:
        OpeningHoursOverlap: A time of opening is empty or overlaps another.
        TermsUnbookable: The longest booking is no multiple of the slot, or a time of opening holds no slot.
    """
    days = [
        (weekday, [(o.opens_minute, o.closes_minute) for o in terms.openings if o.weekday == weekday])
        for weekday in range(1, 8)
    ]
    days += [(HOLIDAY, list(terms.holiday_hours or ())), (MAKE_UP_WORKDAY, list(terms.make_up_workday_hours or ()))]
    for weekday, hours in days:
        _check_hours(weekday, sorted(hours))
    shortest = min(closes - opens for _, hours in days for opens, closes in hours)
    if terms.longest_minutes % terms.slot_minutes or shortest < terms.slot_minutes:
        raise TermsUnbookable(longest_minutes=terms.longest_minutes, slot_minutes=terms.slot_minutes)


def _check_hours(weekday: int, ordered: list[Hours]) -> None:
    if any(opens >= closes for opens, closes in ordered):
        raise OpeningHoursOverlap(weekday=weekday)
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        raise OpeningHoursOverlap(weekday=weekday)


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
