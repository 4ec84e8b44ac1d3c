"""The states of a booking, and why one is not seen, confirmed, decided or given up."""

import re
from dataclasses import dataclass
from datetime import MAXYEAR, datetime, timedelta
from itertools import islice
from typing import Literal

from dateutil.rrule import rrulestr

from shared.clock import CHINA, Period
from shared.errors import Conflict, Inadmissible, Refusal, Unseen

State = Literal["held", "requested", "confirmed", "declined", "cancelled", "lapsed"]
OCCURRENCES_MAX = 60
CALENDAR_YEARS = 400
"""After so many years the Gregorian calendar repeats itself, weekdays and leap days."""
_ONE_LINE, _POSITIVE = re.compile(r"(?!.*EASTER)[A-Z0-9=;,+-]+"), re.compile(r"0*[1-9][0-9]*")
"""A rule and nothing after it; and how far apart: by an interval of 0 dateutil looks for ever for the next time.
Easter is dateutil's own, and repeats itself after millions of years."""
HOLD = timedelta(minutes=10)
"""How long a slot is held for someone who has not confirmed yet."""


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
    """The booking has begun and cannot be changed."""

    type = "booking-begun"
    title = "预约已开始"
    title_en = "Booking has begun"
    detail = "预约已于 {starts_at} 开始，不能取消或改期；请与社区前台联系。"
    detail_en = "The booking began at {starts_at} and cannot be cancelled or moved; ask at the community's desk."

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


@dataclass(kw_only=True, eq=False)
class BookingLapsed(Conflict):
    """The booking was held or requested, and its time is over."""

    type = "booking-lapsed"
    title = "预占已到期"
    title_en = "Hold has lapsed"
    detail = "预约 {booking_id} 的预占或申请已到期，时段已释放；请重新预约。"
    detail_en = "The hold or request of booking {booking_id} has lapsed and its slot is free again; book anew."

    booking_id: str


@dataclass(kw_only=True, eq=False)
class BookingElsewhere(Conflict):
    """The booking is in a state in which this cannot be done."""

    type = "booking-state"
    title = "预约状态不允许此操作"
    title_en = "Booking is in another state"
    detail = "预约 {booking_id} 目前为 {state}，此操作只适用于 {expected}。"
    detail_en = "Booking {booking_id} is {state}; this is for one that is {expected}."

    booking_id: str
    state: str
    expected: str


@dataclass(kw_only=True, eq=False)
class RuleInadmissible(Inadmissible):
    """The recurrence rule is none, or has no end."""

    type = "recurrence-rule-inadmissible"
    title = "重复规则有误"
    title_en = "Recurrence rule is not admissible"
    detail = "规则须符合 RFC 5545 的 RRULE，以天、周或月为周期，写明 COUNT 或 UNTIL，且不超过 {occurrences_max} 次。"
    detail_en = (
        "It takes an RRULE of RFC 5545, daily, weekly or monthly, with COUNT or UNTIL, of at most {occurrences_max}."
    )

    occurrences_max: int


@dataclass(kw_only=True, eq=False)
class SeriesConflicts(Conflict):
    """Some of the occurrences cannot be had, and none was wanted without them."""

    type = "series-conflicts"
    title = "系列预约有冲突"
    title_en = "Series has conflicts"
    detail = "有 {count} 次无法预约（见 conflicts），因此全部未预约；可改时间，或选择跳过冲突。"
    detail_en = (
        "{count} occurrences cannot be had (see conflicts), so that none was booked. Change the times, or skip them."
    )

    count: int
    conflicts: list[dict[str, str]]


@dataclass(kw_only=True, eq=False)
class SeriesUnseen(Unseen):
    """There is no such series, or none that the caller may see."""

    type = "series-unseen"
    title = "没有这个系列预约"
    title_en = "No such series"
    detail = "没有编号为 {series_id} 的系列预约，或您无权查看。"
    detail_en = "There is no series {series_id}, or none that you may see."

    series_id: str


@dataclass(kw_only=True, eq=False)
class QuotaExceeded(Conflict):
    """The household has booked as much as it may in that week."""

    type = "booking-quota-exceeded"
    title = "本户本周预约额度已用完"
    title_en = "Household's quota is used up"
    detail = "每户每周最多预约 {minutes_a_week} 分钟，加上此次为 {minutes} 分钟；请另选一周，或取消其他预约。"
    detail_en = (
        "A household may book {minutes_a_week} minutes a week; with this it would be {minutes}. Choose another week."
    )

    minutes_a_week: int
    minutes: int


def occurrences(rule: str, first: Period) -> list[Period]:
    """Return the periods of a recurrence rule; times of day are China's, which has no summer time.

    Raises:
        RuleInadmissible: It is no RRULE, more frequent than daily, without an end, or has more than OCCURRENCES_MAX, or
            fewer than it counts in some four hundred years.
    """
    named = dict(part.partition("=")[::2] for part in rule.upper().split(";"))
    sound = _ONE_LINE.fullmatch(rule.upper()) and _POSITIVE.fullmatch(named.get("INTERVAL", "1"))
    if named.get("FREQ") not in {"DAILY", "WEEKLY", "MONTHLY"} or not named.keys() & {"COUNT", "UNTIL"} or not sound:
        raise RuleInadmissible(occurrences_max=OCCURRENCES_MAX)
    start, length = first[0].astimezone(CHINA), first[1] - first[0]
    try:
        periods = [(each, each + length) for each in _starts(named, start)]
        fewest = 1 if "UNTIL" in named else int(named["COUNT"])
    except (ValueError, OverflowError) as error:
        raise RuleInadmissible(occurrences_max=OCCURRENCES_MAX) from error
    if not 0 < fewest <= len(periods) <= OCCURRENCES_MAX:
        raise RuleInadmissible(occurrences_max=OCCURRENCES_MAX)
    return periods


def _starts(named: dict[str, str], start: datetime) -> list[datetime]:
    # For one that never comes true dateutil looks up to 9999, for seconds: so it is asked one calendar before that.
    ahead = (MAXYEAR - start.year) // CALENDAR_YEARS * CALENDAR_YEARS
    if until := named.get("UNTIL"):
        named = {**named, "UNTIL": f"{min(int(until[:4]) + ahead, MAXYEAR)}{until[4:]}"}
    rule = rrulestr(";".join(map("=".join, named.items())), dtstart=start.replace(year=start.year + ahead))
    return [each.replace(year=each.year - ahead) for each in islice(rule, OCCURRENCES_MAX + 1)]


def conflict(period: Period, refusal: Refusal) -> dict[str, str]:
    """Return what a program reads of an occurrence that cannot be had."""
    return {"starts_at": period[0].astimezone(CHINA).isoformat(), "type": refusal.type}


def first_state(now: datetime, starts_at: datetime, *, hold: bool, approval: bool) -> tuple[State, datetime | None]:
    """Return the state in which a booking begins, and when it lapses: what is not confirmed ends with its start."""
    if hold:
        return "held", min(now + HOLD, starts_at)
    return ("requested", starts_at) if approval else ("confirmed", None)


def state_at(state: str, expires_at: datetime | None, now: datetime) -> State:
    """Return the state of a booking at a moment."""
    if expires_at is not None and expires_at <= now:
        return "lapsed"
    return state  # type: ignore[return-value]  # the table's constraint names the same


def why_not_moved(booking_id: str, state: State, expected: str) -> Conflict:
    """Return why a booking in this state does not take a step that is for another."""
    if state == "lapsed":
        return BookingLapsed(booking_id=booking_id)
    if state == "cancelled":
        return BookingCancelled(booking_id=booking_id)
    return BookingElsewhere(booking_id=booking_id, state=state, expected=expected)
