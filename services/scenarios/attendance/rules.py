"""When one may check in and out, what proves presence, and how many minutes count."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.assistance import Channel
from shared.clock import CHINA
from shared.errors import Conflict, Forbidden, Inadmissible

Period = tuple[datetime, datetime]
"""From when until when."""
MARGIN = timedelta(hours=1)
"""How long before an activity one may check in, and after it check out."""
PAPER_WITHIN = timedelta(days=7)
"""How long after an activity its paper list 纸质签到表 may be entered."""


@dataclass(kw_only=True, eq=False)
class NotSignedUp(Conflict):
    """The resident has no seat in the activity, or has it no more."""

    type = "not-signed-up"
    title = "尚未报名"
    title_en = "Not signed up"
    detail = "该居民未报名此活动，或超时未到、名额已释放；请先报名再签到。"
    detail_en = "The resident has not signed up, or came too late and the seat was released; sign up first."


@dataclass(kw_only=True, eq=False)
class WrongCode(Forbidden):
    """A resident did not show the activity's code."""

    type = "wrong-code"
    title = "签到码不正确"
    title_en = "Wrong code"
    detail = "请输入活动现场公布的签到码，或请现场工作人员代为签到。"
    detail_en = "Give the code shown at the activity, or ask the staff there to check you in or out."


@dataclass(kw_only=True, eq=False)
class OutsideActivity(Conflict):
    """It is too early or too late to check in or out."""

    type = "outside-activity-time"
    title = "不在签到签退时间内"
    title_en = "Outside the activity's time"
    detail = "签到签退时间为 {opens_at} 至 {closes_at}；逾期请由社区前台凭纸质签到表在七日内补录。"
    detail_en = (
        "Checking in and out is open from {opens_at} to {closes_at}; later the desk enters it from the paper list,"
        " within seven days."
    )

    opens_at: str
    closes_at: str


@dataclass(kw_only=True, eq=False)
class TimeNotAllowed(Inadmissible):
    """A time was given that only the desk may give, from paper; or one that has not come."""

    type = "time-not-allowed"
    title = "不能填写签到时间"
    title_en = "Time may not be given"
    detail = "只有凭纸质签到表补录（channel 为 paper）时才可填写 at，且不得晚于现在；否则请勿填写。"
    detail_en = (
        "Give `at` only when entering a paper list (channel paper), and no time to come; leave it out otherwise."
    )


@dataclass(kw_only=True, eq=False)
class AlreadyCheckedIn(Conflict):
    """The resident is checked in."""

    type = "already-checked-in"
    title = "已经签到"
    title_en = "Already checked in"
    detail = "该居民已签到，无须重复签到；离开时请签退。"
    detail_en = "The resident is checked in; check out when leaving."


@dataclass(kw_only=True, eq=False)
class NotCheckedIn(Conflict):
    """The resident has not checked in."""

    type = "not-checked-in"
    title = "尚未签到"
    title_en = "Not checked in"
    detail = "该居民尚未签到，不能签退；请先签到，或由社区前台凭纸质签到表补录。"
    detail_en = (
        "The resident has not checked in and cannot check out; check in first, or have the desk enter the paper list."
    )


@dataclass(kw_only=True, eq=False)
class AlreadyCheckedOut(Conflict):
    """The resident has checked out."""

    type = "already-checked-out"
    title = "已经签退"
    title_en = "Already checked out"
    detail = "该居民已签退，参与记录已完成。"
    detail_en = "The resident has checked out; the attendance is complete."


@dataclass(kw_only=True, eq=False)
class OutBeforeIn(Inadmissible):
    """The time of checking out is before that of checking in."""

    type = "out-before-in"
    title = "签退早于签到"
    title_en = "Out before in"
    detail = "签退时间不得早于签到时间 {checked_in_at}，请核对纸质签到表。"
    detail_en = "Checking out cannot be before checking in at {checked_in_at}; see the paper list."

    checked_in_at: str


def check_code(shown: str | None, code: str, *, itself: bool) -> None:
    """Refuse a resident that checks itself in or out without the activity's code.

    Raises:
        WrongCode: It did not show the code.
    """
    if itself and not hmac.compare_digest((shown or "").upper().encode(), code.encode()):
        raise WrongCode


def moment_of(at: datetime | None, channel: Channel, activity: Period, now: datetime) -> datetime:
    """Return when a resident came or left: now, or what the paper list says.

    Args:
        at: What the paper list says, if it is entered from one.
        channel: By which the command came.
        activity: From when until when it is.
        now: The present.

    Raises:
        TimeNotAllowed: A time was given without paper, or one to come.
        OutsideActivity: The time is not within MARGIN of the activity, or the paper is older than PAPER_WITHIN.
    """
    if at is not None and (channel != "paper" or at > now):
        raise TimeNotAllowed
    moment = at or now
    opens_at, closes_at = activity[0] - MARGIN, activity[1] + MARGIN
    if not opens_at <= moment <= closes_at or now > activity[1] + PAPER_WITHIN:
        raise OutsideActivity(opens_at=_local(opens_at), closes_at=_local(closes_at))
    return moment


def count_minutes(presence: Period, activity: Period) -> int:
    """Return the whole minutes of presence within the activity's time; waiting before and after does not count.

    Raises:
        OutBeforeIn: The presence ends before it starts.
    """
    if presence[1] < presence[0]:
        raise OutBeforeIn(checked_in_at=_local(presence[0]))
    within = min(presence[1], activity[1]) - max(presence[0], activity[0])
    return max(0, within // timedelta(minutes=1))


def _local(moment: datetime) -> str:
    return moment.astimezone(CHINA).isoformat(timespec="minutes")
