"""When one can arrive, what staying away leads to, and how it ends (S6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.errors import Conflict, Unseen

Way = Literal["qr", "desk", "name"]
EARLY = timedelta(minutes=30)
"""How long before the start one can arrive."""
REMEMBERED = timedelta(days=90)
"""How long a missed booking counts."""
LIMITS = (timedelta(), timedelta(days=7), timedelta(days=30))
"""What follows the first, the second, and each later missed booking of those that count: a warning, a week, a month."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a resident stands: missed bookings that count, and until when it may not book."""

    missed: int
    limited_until: datetime | None


@dataclass(kw_only=True, eq=False)
class NoCheckIn(Conflict):
    """Nobody checks in to this space."""

    type = "no-check-in"
    title = "此空间无须签到"
    title_en = "No check-in here"
    detail = "此空间未设置签到，直接使用即可；需要签到时，请由社区先设置。"
    detail_en = "Nobody checks in to this space; just use it. Staff can set a check-in policy."


@dataclass(kw_only=True, eq=False)
class OutsideArrival(Conflict):
    """It is too early or too late to arrive, or the booking does not stand."""

    type = "outside-arrival"
    title = "不在签到时间内"
    title_en = "Not the time to arrive"
    detail = "预约状态为 {state}，签到时间为 {opens_at} 至 {ends_at}。"
    detail_en = "The booking is {state}; one arrives from {opens_at} to {ends_at}."

    state: str
    opens_at: str
    ends_at: str


@dataclass(kw_only=True, eq=False)
class SlotReleased(Conflict):
    """Nobody came in time, and the slot was given to others."""

    type = "slot-released"
    title = "超时未到，时段已释放"
    title_en = "Slot was released"
    detail = "超过保留时间未签到，时段已释放给他人；可重新预约，如有特殊原因可申诉。"
    detail_en = "Nobody came in time and the slot went to others. Book anew; appeal if there was a good reason."


@dataclass(kw_only=True, eq=False)
class AlreadyArrived(Conflict):
    """The booking's arrival is on record."""

    type = "already-arrived"
    title = "已签到"
    title_en = "Already arrived"
    detail = "此预约已签到，无须重复签到。"
    detail_en = "The arrival is on record; nothing is left to do."


@dataclass(kw_only=True, eq=False)
class NotArrived(Conflict):
    """Nobody leaves who has not arrived, or leaves twice."""

    type = "not-arrived"
    title = "尚未签到或已签退"
    title_en = "Not here"
    detail = "此预约尚未签到，或已签退；请先签到。"
    detail_en = "The booking's people have not arrived, or have left; check in first."


@dataclass(kw_only=True, eq=False)
class BookingLimited(Conflict):
    """The resident has missed too many bookings and may not book for a while."""

    type = "booking-limited"
    title = "暂停预约"
    title_en = "Booking is limited"
    detail = "近期有 {missed} 次预约未到场，暂停预约至 {limited_until}，到期自动恢复；可对任一次提出申诉。"
    detail_en = (
        "{missed} bookings were missed lately; booking resumes by itself at {limited_until}. Each can be appealed."
    )

    missed: int
    limited_until: str


@dataclass(kw_only=True, eq=False)
class NoShowUnseen(Unseen):
    """There is no such no-show, or none that the caller may see."""

    type = "no-show-unseen"
    title = "没有这条爽约记录"
    title_en = "No such no-show"
    detail = "没有编号为 {no_show_id} 的爽约记录，或您无权查看。"
    detail_en = "There is no no-show {no_show_id}, or none that you may see."

    no_show_id: str


@dataclass(kw_only=True, eq=False)
class AppealElsewhere(Conflict):
    """There is an appeal already, or none to decide."""

    type = "appeal-state"
    title = "申诉状态不允许此操作"
    title_en = "Appeal is in another state"
    detail = "每条爽约记录可申诉一次；裁定须有未裁定的申诉。目前：{state}。"
    detail_en = "A missed booking is appealed once; a decision needs an open appeal. It is {state}."

    state: str


def standing(missed_at: Iterable[datetime], now: datetime) -> Standing:
    """Return where a resident stands by its missed bookings; those past REMEMBERED are forgotten."""
    counting = sorted(at for at in missed_at if at <= now < at + REMEMBERED)
    if not counting:
        return Standing(0, None)
    limit = LIMITS[min(len(counting), len(LIMITS)) - 1]
    until = counting[-1] + limit
    return Standing(len(counting), until if now < until else None)


def check_arrival(state: str, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse an arrival at the wrong time, or to a booking that does not stand.

    Raises:
        OutsideArrival: See its detail.
    """
    if state != "confirmed" or not starts_at - EARLY <= now < ends_at:
        raise OutsideArrival(state=state, opens_at=(starts_at - EARLY).isoformat(), ends_at=ends_at.isoformat())
