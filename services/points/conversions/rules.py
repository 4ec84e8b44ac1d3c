"""How hours become points: whole parts of a rule that two persons agreed on, up to its cap a month."""

from dataclasses import dataclass
from datetime import date, datetime

from services.points.allotments.rules import rounded_down
from services.points.ledger.rules import month_end_after
from shared.errors import Conflict, Forbidden, Inadmissible, Unseen

ACTIVITY = "hours-converted"
"""What points are earned by that were hours."""


@dataclass(kw_only=True, eq=False)
class NoConversion(Conflict):
    """No rule is in force."""

    type = "no-conversion"
    title = "本社区未开通时间币兑积分"
    title_en = "No conversion"
    detail = "社区 {community_code} 目前没有生效的时间币兑积分规则。时间币仍可换取服务时间。"
    detail_en = "The community {community_code} has no rule in force by which hours become points. Use them for help."

    community_code: str


@dataclass(kw_only=True, eq=False)
class ConversionUnseen(Unseen):
    """There is no such proposal that waits."""

    type = "conversion-rule-unseen"
    title = "未找到待同意的兑换规则"
    title_en = "No such rule waits"
    detail = "社区 {community_code} 没有待同意的第 {version} 版规则。"
    detail_en = "The community {community_code} has no version {version} that waits for agreement."

    community_code: str
    version: int


@dataclass(kw_only=True, eq=False)
class OwnConversionRule(Forbidden):
    """Nobody agrees to what they proposed."""

    type = "own-conversion-rule"
    title = "不能同意自己提议的规则"
    title_en = "Own rule"
    detail = "兑换规则须由另一人同意。"
    detail_en = "Another person has to agree to the rule."


@dataclass(kw_only=True, eq=False)
class UnevenHours(Inadmissible):
    """The hours are no whole multiple of what the rule counts by; nothing is rounded away."""

    type = "uneven-hours"
    title = "时间币数量不成整份"
    title_en = "Not a whole multiple"
    detail = "规则按每 {per_quarters} 刻钟兑换，{quarters} 刻钟不是其整数倍。请调整数量。"
    detail_en = "The rule counts by {per_quarters} quarter hours; {quarters} is no multiple. Ask for another number."

    quarters: int
    per_quarters: int


@dataclass(kw_only=True, eq=False)
class ConversionCapReached(Conflict):
    """The month's cap is reached."""

    type = "conversion-cap-reached"
    title = "已达本月兑换上限"
    title_en = "The month's cap is reached"
    detail = "本月最多兑换 {most} 刻钟，已兑换 {converted}。请下月再兑换。"
    detail_en = "A month allows {most} quarter hours, {converted} are converted already. Come back next month."

    most: int
    converted: int


@dataclass(frozen=True, slots=True)
class Rule:
    """So many quarter hours give so many points, up to a cap a month; the points are good for some months at most."""

    per_quarters: int
    points: int
    quarters_max_per_month: int
    valid_months: int


def points_for(rule: Rule, quarters: int, converted: int) -> int:
    """Return what quarter hours give, of which some were converted this month already.

    Raises:
        UnevenHours: They are no whole multiple of what the rule counts by.
        ConversionCapReached: They are more than the month allows.
    """
    counted = rounded_down(quarters, 1, rule.per_quarters)
    if counted * rule.per_quarters != quarters:
        raise UnevenHours(quarters=quarters, per_quarters=rule.per_quarters)
    if converted + quarters > rule.quarters_max_per_month:
        raise ConversionCapReached(most=rule.quarters_max_per_month, converted=converted)
    return counted * rule.points


def expires_on(rule: Rule, today: date, earliest: date) -> date:
    """Return until when the points are good: never longer than the hours were (P9)."""
    return min(earliest, month_end_after(today, rule.valid_months))


def month_of(moment: datetime) -> date:
    """Return the first day of a local moment's month."""
    return moment.date().replace(day=1)
