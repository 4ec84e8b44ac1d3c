"""How use is measured, when it is low, and how an iteration case goes on (S15).

All amounts are whole; a share is compared by cross multiplication and shown in thousandths, rounded down. What use is
a share of depends on the mode: a booked space has minutes that it was bookable, a walk-in one has visits that it could
take in them; and a space that serves several functions has the minutes of each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from shared.clock import Period
from shared.errors import Conflict, Inadmissible, Unseen

Mode = Literal["booked", "walk-in"]
Stage = Literal["diagnose", "propose", "consult", "trial", "measure", "closed"]
Decision = Literal["keep", "change", "repurpose", "shut"]
STAGES: tuple[Stage, ...] = get_args(Stage)

WINDOW_DAYS = 180
"""Half a year: what the province's health corner stood for, with some ten buyers."""
TRIAL_DAYS_MIN = 28
"""Four weeks, so that each weekday is tried as often as another (assumed)."""
LOW_PERMILLE: dict[Mode, int] = {"booked": 100, "walk-in": 50}
RECOVERED_PERMILLE: dict[Mode, int] = {"booked": 200, "walk-in": 100}
"""Use below the first is low; it is low until it reaches the second, twice as much (hysteresis; assumed)."""
DAYS_A_YEAR = 365
MINUTES_AN_HOUR = 60

NEXT: dict[Stage, frozenset[Stage]] = {
    "diagnose": frozenset({"propose"}),
    "propose": frozenset({"consult"}),
    "consult": frozenset({"trial", "propose"}),
    "trial": frozenset({"measure", "propose"}),
    "measure": frozenset({"closed", "propose"}),
    "closed": frozenset(),
}
"""What may follow: forward one by one, and back to another proposal from where one can fail."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a space's use is measured against: people at once or per hour, households around, cost a year in fen."""

    mode: Mode
    capacity: int
    households: int
    annual_cost_fen: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The minutes of a window in which a space was bookable, as anything, and as each function that it served."""

    minutes: int
    by_function: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in a window: uses, their minutes, the people who came, and how many different residents."""

    uses: int
    minutes: int
    people: int
    headcounts: int
    users: int
    minutes_by_function: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FunctionUse:
    """Minutes that a space was booked as a function, and was bookable as that."""

    function: str
    used: int
    bookable: int
    utilisation_permille: int


@dataclass(frozen=True, slots=True)
class Use:
    """How much a space was used in a window.

    Attributes:
        used: Minutes booked and not missed, or people who walked in.
        bookable: Minutes bookable, or people who could have walked in then.
        uses: Bookings or visits.
        users: Different residents among them.
        utilisation_permille: used ÷ bookable.
        fill_permille: People ÷ places of the uses whose people were counted; none if nobody counted.
        reach_permille: users ÷ households around.
        cost_per_use_fen: The window's part of the year's cost ÷ uses, rounded up; none without a use.
        by_function: What a booked space served as, each share of its own minutes; two that go together share theirs.
    """

    mode: Mode
    used: int
    bookable: int
    uses: int
    users: int
    utilisation_permille: int
    fill_permille: int | None
    reach_permille: int
    cost_per_use_fen: int | None
    by_function: tuple[FunctionUse, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return it as it is kept with a case."""
        return asdict(self)


@dataclass(kw_only=True, eq=False)
class ProfileUnseen(Unseen):
    """Nobody has said what the space's use is measured against."""

    type = "use-profile-unseen"
    title = "空间尚未设置使用口径"
    title_en = "Space has no use profile"
    detail = "空间 {space_id} 尚未设置使用方式、容量、覆盖户数和年成本，请先设置。"
    detail_en = "Set the mode, capacity, households and yearly cost of space {space_id} first."

    space_id: str


@dataclass(kw_only=True, eq=False)
class WindowInadmissible(Inadmissible):
    """The window is empty, reversed or too long."""

    type = "window-inadmissible"
    title = "统计时段有误"
    title_en = "Window is empty or too long"
    detail = "统计时段须先后有序，且不超过 {days_max} 天。"
    detail_en = "The window must end after it starts, and be at most {days_max} days long."

    days_max: int


@dataclass(kw_only=True, eq=False)
class VisitToCome(Inadmissible):
    """A visit that was noted lies in the future."""

    type = "visit-to-come"
    title = "到访时间在将来"
    title_en = "Visit lies in the future"
    detail = "到访时间不能晚于现在，请核对设备时钟或填写的时间。"
    detail_en = "A visit cannot be later than now; check the device's clock or the time entered."


@dataclass(kw_only=True, eq=False)
class CaseUnseen(Unseen):
    """There is no such case, or none that the caller may see."""

    type = "iteration-case-unseen"
    title = "没有这个迭代工单"
    title_en = "No such iteration case"
    detail = "没有编号为 {case_id} 的迭代工单，或无权查看。"
    detail_en = "There is no iteration case {case_id} that this account may see."

    case_id: str


@dataclass(kw_only=True, eq=False)
class StageNotNext(Conflict):
    """The case is at a stage that another one follows."""

    type = "stage-not-next"
    title = "工单不能进入此阶段"
    title_en = "Stage does not follow"
    detail = "工单现处于 {stage} 阶段，下一步只能是：{allowed}。"
    detail_en = "The case is at {stage}; what may follow is: {allowed}."

    stage: str
    allowed: str


@dataclass(kw_only=True, eq=False)
class TrialTooShort(Conflict):
    """The trial has not lasted long enough to be measured."""

    type = "trial-too-short"
    title = "试行时间不足，不能复测"
    title_en = "Trial is too short to measure"
    detail = "试行须满 {days_min} 天才能复测，可复测时间：{measurable_from}。"
    detail_en = "A trial is measured after {days_min} days at the earliest, here from {measurable_from}."

    days_min: int
    measurable_from: str


def measured(profile: Profile, counted: Counted, opened: Opened, window: Period) -> Use:
    """Return the measures of a window."""
    days = max((window[1] - window[0]).days, 1)
    booked = profile.mode == "booked"
    used = counted.minutes if booked else counted.people
    bookable = opened.minutes if booked else opened.minutes * profile.capacity // MINUTES_AN_HOUR
    places = counted.headcounts * profile.capacity
    cost_fen = profile.annual_cost_fen * days // DAYS_A_YEAR
    return Use(
        mode=profile.mode,
        used=used,
        bookable=bookable,
        uses=counted.uses,
        users=counted.users,
        utilisation_permille=_permille(used, bookable),
        fill_permille=counted.people * 1000 // places if places else None,
        reach_permille=counted.users * 1000 // profile.households,
        cost_per_use_fen=-(-cost_fen // counted.uses) if counted.uses else None,
        by_function=tuple(_each_function(counted, opened)) if booked else (),
    )


def _each_function(counted: Counted, opened: Opened) -> Iterator[FunctionUse]:
    for function in sorted({*opened.by_function, *counted.minutes_by_function}):
        used, bookable = counted.minutes_by_function.get(function, 0), opened.by_function.get(function, 0)
        yield FunctionUse(function, used, bookable, _permille(used, bookable))


def _permille(used: int, bookable: int) -> int:
    return used * 1000 // bookable if bookable else 0


def is_low(use: Use, *, was_low: bool) -> bool:
    """Tell whether use is low: below the lower bound, or not yet back at the upper one. What never opened is not."""
    if not use.bookable:
        return was_low
    bound = RECOVERED_PERMILLE[use.mode] if was_low else LOW_PERMILLE[use.mode]
    return use.used * 1000 < bound * use.bookable


def check_window(start: datetime, end: datetime, days_max: int = 366) -> None:
    """Refuse a window that cannot be measured.

    Raises:
        WindowInadmissible: It is empty, reversed or longer than `days_max`.
    """
    if end <= start or end - start > timedelta(days=days_max):
        raise WindowInadmissible(days_max=days_max)


def check_next(stage: Stage, to: Stage) -> None:
    """Refuse a stage that does not follow.

    Raises:
        StageNotNext: It does not.
    """
    if to not in NEXT[stage]:
        raise StageNotNext(stage=stage, allowed="、".join(sorted(NEXT[stage])) or "-")


def check_trial(started_at: datetime, now: datetime) -> None:
    """Refuse to measure a trial that has not lasted TRIAL_DAYS_MIN days.

    Raises:
        TrialTooShort: It has not.
    """
    earliest = started_at + timedelta(days=TRIAL_DAYS_MIN)
    if now < earliest:
        raise TrialTooShort(days_min=TRIAL_DAYS_MIN, measurable_from=earliest.isoformat())
