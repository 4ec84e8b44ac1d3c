"""What an activity must be, and when one may still sign up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.assistance import ASSISTED_CHANNELS
from shared.errors import Conflict, Inadmissible, Unseen

LONGEST = timedelta(days=1)
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without what is misread from a poster
CODE_LENGTH = 8
ASSISTED = "assisted"
"""The quota of those who sign up through the desk's channels, whatever their category (S8)."""


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats of an activity; `quotas` are empty once they are not kept any more."""

    capacity: int
    seats_taken: int
    quotas: Mapping[str, int]
    taken: Mapping[str, int]


@dataclass(kw_only=True, eq=False)
class TimesInadmissible(Inadmissible):
    """An activity ends before it starts, lasts too long, or is over."""

    type = "activity-times-inadmissible"
    title = "活动时间有误"
    title_en = "Activity's times are not admissible"
    detail = "活动须晚于开始时间结束、不超过 {hours_max} 小时，且尚未结束。"
    detail_en = "An activity must end after it starts, within {hours_max} hours, and not be over."

    hours_max: int


@dataclass(kw_only=True, eq=False)
class ActivityUnseen(Unseen):
    """There is no such activity."""

    type = "activity-unseen"
    title = "没有这个活动"
    title_en = "No such activity"
    detail = "没有编号为 {activity_id} 的活动，请从社区的活动列表中选择。"
    detail_en = "There is no activity {activity_id}; choose one from the community's list."

    activity_id: str


@dataclass(kw_only=True, eq=False)
class ActivityFull(Conflict):
    """All seats are taken."""

    type = "activity-full"
    title = "活动名额已满"
    title_en = "Activity is full"
    detail = "{capacity} 个名额中已没有可供此次报名的名额（已报满、已保留或有人候补），请加入候补或选择其他活动。"
    detail_en = (
        "Of {capacity} seats none is left for this: taken, kept or waited for. Join the waitlist or choose another."
    )

    capacity: int


@dataclass(kw_only=True, eq=False)
class ActivityOver(Conflict):
    """The activity is over."""

    type = "activity-over"
    title = "活动已结束"
    title_en = "Activity is over"
    detail = "活动已结束，不能再报名，请选择其他活动。"
    detail_en = "The activity is over and takes no one any more; choose another."


@dataclass(kw_only=True, eq=False)
class AlreadySignedUp(Conflict):
    """The resident has a seat."""

    type = "already-signed-up"
    title = "已经报名"
    title_en = "Already signed up"
    detail = "该居民已报名此活动，无须重复报名。"
    detail_en = "The resident has signed up for this activity; nothing is left to do."


@dataclass(kw_only=True, eq=False)
class QuotasInadmissible(Inadmissible):
    """More seats are kept for categories than there are."""

    type = "quotas-inadmissible"
    title = "保留名额有误"
    title_en = "Quotas are not admissible"
    detail = "各类保留名额之和不得超过总名额 {capacity}，且截止时间须在活动开始前。"
    detail_en = "The seats kept for categories may not exceed the {capacity} there are, nor be kept past the start."

    capacity: int


@dataclass(kw_only=True, eq=False)
class NoSeat(Conflict):
    """The resident has no seat to give up."""

    type = "no-seat"
    title = "没有可退的名额"
    title_en = "No seat to give up"
    detail = "该居民未报名此活动，或已退出。"
    detail_en = "The resident has no seat in this activity, or has given it up."


def check_quotas(quotas: Mapping[str, int], capacity: int, until: datetime | None, starts_at: datetime) -> None:
    """Refuse to keep more seats than there are, or to keep them past the start.

    Raises:
        QuotasInadmissible: That is asked for.
    """
    if sum(quotas.values()) > capacity or (until is not None and until > starts_at):
        raise QuotasInadmissible(capacity=capacity)


def counted_as(category: str, channel: str) -> tuple[str, ...]:
    """Return under which quotas a party counts: its category's, and that of the assisted if the desk acts for it."""
    return (category, ASSISTED) if channel in ASSISTED_CHANNELS else (category,)


def seats_left(seats: Seats, quotas: Iterable[str]) -> int:
    """Return how many of the seats that are kept for these quotas are left."""
    return sum(max(seats.quotas.get(quota, 0) - seats.taken.get(quota, 0), 0) for quota in quotas)


def seats_for(seats: Seats, counted: tuple[str, ...]) -> int:
    """Return how many seats a party may still take: those that are free, less what is kept for others."""
    return seats.capacity - seats.seats_taken - seats_left(seats, set(seats.quotas) - set(counted))


def check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse times at which no activity can be held. It may be under way: a good deed is often announced by doing it.

    Raises:
        TimesInadmissible: It ends before it starts, lasts longer than LONGEST, or is over.
    """
    if not starts_at < ends_at <= starts_at + LONGEST or ends_at <= now:
        raise TimesInadmissible(hours_max=int(LONGEST.total_seconds()) // 3600)


def why_no_seat(*, signed_up: bool, ends_at: datetime, capacity: int, now: datetime) -> Conflict:
    """Return why a resident got no seat."""
    if signed_up:
        return AlreadySignedUp()
    return ActivityOver() if ends_at <= now else ActivityFull(capacity=capacity)
