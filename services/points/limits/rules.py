"""How much room is left: caps per resident and period, across communities, and the budgets that grants come out of."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from shared.errors import Conflict
from shared.fields import covers

LIFE_BEGINS = date(2000, 1, 1)
"""Before any moment that the API takes."""


class Direction(StrEnum):
    """What is capped: earning 获取 or spending 使用."""

    EARN = "earn"
    SPEND = "spend"


class Period(StrEnum):
    """Of which civil time in China a cap is: a week begins on Monday; life has no end."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    LIFE = "life"


@dataclass(kw_only=True, eq=False)
class CapReached(Conflict):
    """The resident may earn or spend no more in this period."""

    type = "cap-reached"
    title = "已达个人限额"
    title_en = "Cap reached"
    detail = (
        "区域 {area} 内每人每{period}（{direction}）限 {points_max} 积分，尚余 {left}，本次需要 {required}。"
        "冻结中的积分计入。下一周期从 {again_on} 开始。"
    )
    detail_en = (
        "In area {area} a resident may {direction} {points_max} points a {period}; {left} are left, this takes"
        " {required}. What is held counts. The next period begins on {again_on}."
    )

    area: str
    direction: str
    activity: str | None
    period: str
    points_max: int
    left: int
    required: int
    again_on: str | None


@dataclass(kw_only=True, eq=False)
class OverBudget(Conflict):
    """The community has no budget left to grant this from."""

    type = "over-budget"
    title = "超出积分发放预算"
    title_en = "Over budget"
    detail = "社区 {community_code} {year} 年的积分预算尚余 {left}，本次需要 {required}。请先提交并经他人批准预算。"
    detail_en = (
        "The budget of {community_code} for {year} has {left} points left, this takes {required}. Propose a budget and"
        " have somebody else approve it."
    )

    community_code: str
    year: int
    left: int
    required: int


@dataclass(kw_only=True, eq=False)
class BudgetBelowIssued(Conflict):
    """The community has granted more than this budget already."""

    type = "budget-below-issued"
    title = "预算低于已发放积分"
    title_en = "Budget below what was granted"
    detail = "社区 {community_code} {year} 年已发放的积分多于 {points}。预算可以增加，不能低于已发放数。"
    detail_en = "{community_code} has granted more than {points} points in {year}; a budget is never below that."

    community_code: str
    year: int
    points: int


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that one resident may earn or spend in a period, over all communities of an area.

    `activity` narrows it to what one activity earns; without, it counts all points that can be spent.
    """

    area: str
    direction: Direction
    activity: str | None
    period: Period
    points_max: int


@dataclass(frozen=True, slots=True)
class Use:
    """What a resident earned or spent in a community on a civil day; `spendable` tells service points from basic."""

    community_code: str
    activity: str | None
    day: date
    points: int
    spendable: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """What a resident is about to earn or spend; `own` are the caps that the earning rule itself has."""

    resident_id: uuid.UUID
    use: Use
    own: Sequence[Cap] = ()


def begins(period: Period, day: date) -> date:
    """Return the first day of the period that a day lies in."""
    if period is Period.DAY:
        return day
    if period is Period.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period is Period.MONTH else LIFE_BEGINS


def next_begins(period: Period, day: date) -> date | None:
    """Return the first day after the period that a day lies in; a life has none."""
    if period is Period.LIFE:
        return None
    if period is Period.MONTH:
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return begins(period, day) + timedelta(days=1 if period is Period.DAY else 7)


def counts(cap: Cap, use: Use) -> bool:
    """Tell whether a use counts for a cap, its period aside."""
    fits = cap.activity == use.activity if cap.activity else use.spendable
    return fits and covers(cap.area, use.community_code)


def left_of(cap: Cap, used: Iterable[Use], day: date) -> int:
    """Return how many points a cap leaves in the period of a day; never below 0."""
    first, after = begins(cap.period, day), next_begins(cap.period, day)
    taken = sum(u.points for u in used if counts(cap, u) and first <= u.day and (after is None or u.day < after))
    return max(cap.points_max - taken, 0)


@dataclass(slots=True)
class Room:
    """What may still be earned, spent and granted, under the locks; it shrinks as it is taken.

    Attributes:
        caps: Those of areas; an earning rule brings its own.
        used: What each resident has used up.
        year: The budgets' year.
        budgets: What is left of them, by community.
    """

    caps: list[Cap]
    used: dict[uuid.UUID, list[Use]]
    year: int
    budgets: dict[str, int] = field(default_factory=dict)

    def fit(self, asked: Asked) -> Asked:
        """Return as much of what is asked as the caps leave: what is above a cap is not earned.

        Raises:
            CapReached: They leave nothing.
        """
        cap, left = self._tightest(asked)
        if cap is None:
            return asked
        if not left:
            raise _reached(cap, left, asked.use)
        return replace(asked, use=replace(asked.use, points=min(asked.use.points, left)))

    def issue(self, use: Use) -> None:
        """Take what is granted out of the community's budget; basic points, which nobody can spend, need none.

        Raises:
            OverBudget: It has less left.
        """
        if not use.spendable:
            return
        left = self.budgets.get(use.community_code, 0)
        if left < use.points:
            raise OverBudget(community_code=use.community_code, year=self.year, left=left, required=use.points)
        self.budgets[use.community_code] = left - use.points

    def take(self, asked: Asked) -> None:
        """Take all of what is asked, or nothing.

        Raises:
            CapReached: A cap leaves less.
        """
        cap, left = self._tightest(asked)
        if cap and left < asked.use.points:
            raise _reached(cap, left, asked.use)
        self.used.setdefault(asked.resident_id, []).append(asked.use)

    def concerning(self, asked: Asked) -> list[Cap]:
        """Return the caps that what is asked counts for."""
        return [cap for cap in (*self.caps, *asked.own) if counts(cap, asked.use)]

    def _tightest(self, asked: Asked) -> tuple[Cap | None, int]:
        used = self.used.get(asked.resident_id, [])
        left = [(left_of(cap, used, asked.use.day), cap) for cap in self.concerning(asked)]
        least, cap = min(left, key=lambda one: one[0], default=(0, None))
        return cap, least


def _reached(cap: Cap, left: int, use: Use) -> CapReached:
    again = next_begins(cap.period, use.day)
    return CapReached(
        area=cap.area,
        direction=cap.direction,
        activity=cap.activity,
        period=cap.period,
        points_max=cap.points_max,
        left=left,
        required=use.points,
        again_on=again.isoformat() if again else None,
    )
