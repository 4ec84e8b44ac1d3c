"""What an activity must be, and when one may still sign up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.errors import Conflict, Inadmissible, Unseen

LONGEST = timedelta(days=1)
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without what is misread from a poster
CODE_LENGTH = 8


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
    detail = "{capacity} 个名额已全部报满，请选择其他活动。"
    detail_en = "All {capacity} seats are taken; choose another activity."

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
