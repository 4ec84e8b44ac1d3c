"""What a deed earns."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.points.allotments.rules import rounded_down
from shared.errors import Conflict, Inadmissible

CLOCK_SKEW = timedelta(minutes=5)


@dataclass(kw_only=True, eq=False)
class NoEarningRule(Inadmissible):
    """The community had no rule for this activity when the deed was done."""

    type = "no-earning-rule"
    title = "没有适用的积分规则"
    title_en = "No earning rule"
    detail = "社区 {community_code} 在该时间没有活动 {activity} 的积分规则，请先发布规则。"
    detail_en = "Community {community_code} had no rule for {activity} at that time; publish one first."

    community_code: str
    activity: str


@dataclass(kw_only=True, eq=False)
class EarnsNothing(Inadmissible):
    """The deed is too small for a single point."""

    type = "earns-nothing"
    title = "数量不足以获得积分"
    title_en = "Earns nothing"
    detail = "数量 {quantity} 未达到规则起点（每 {per_quantity} 计分）。"
    detail_en = "Quantity {quantity} earns nothing; the rule counts by {per_quantity}."

    quantity: int
    per_quantity: int


@dataclass(kw_only=True, eq=False)
class NotYetDone(Inadmissible):
    """The deed is said to have been done at a time that has not come."""

    type = "not-yet-done"
    title = "行为时间晚于当前时间"
    title_en = "Not yet done"
    detail = "行为时间 {occurred_at} 尚未到来，请核对设备时钟。"
    detail_en = "The time {occurred_at} has not come yet; check the device's clock."

    occurred_at: str


@dataclass(kw_only=True, eq=False)
class MalformedDeed(Inadmissible):
    """An item of a batch does not match the API description; the others are not held up by it."""

    type = "malformed-deed"
    title = "该项内容不符合接口说明"
    title_en = "Malformed deed"
    detail = "该项内容不符合接口说明，请按 errors 修改后重新提交该项。"
    detail_en = "This item does not match the API description; mend what errors lists and send it again."

    errors: list[dict[str, str]]


@dataclass(kw_only=True, eq=False)
class BatchRefused(Conflict):
    """Deeds that were to be registered all or none were not, because some of them are refused."""

    type = "batch-refused"
    title = "整批未登记"
    title_en = "Batch refused"
    detail = "整批均未登记：{refused} 所列各项被拒绝（从 0 起的序号与原因）。请修改后重新提交整批。"
    detail_en = (
        "None was registered: the items that {refused} lists, by place from 0, are refused. Mend them, send all again."
    )

    refused: dict[int, str]


def done_by(occurred_at: datetime, now: datetime) -> None:
    """Refuse a deed of the future, but for the skew of a device's clock.

    Raises:
        NotYetDone: It lies further ahead than CLOCK_SKEW.
    """
    if occurred_at > now + CLOCK_SKEW:
        raise NotYetDone(occurred_at=occurred_at.isoformat())


def points_for(quantity: int, *, points: int, per_quantity: int, points_max_per_deed: int) -> int:
    """Return what a quantity earns: `points` for each `per_quantity`, rounded down, up to the cap of one deed.

    Raises:
        EarnsNothing: That is none.
    """
    earned = min(rounded_down(quantity, points, per_quantity), points_max_per_deed)
    if earned < 1:
        raise EarnsNothing(quantity=quantity, per_quantity=per_quantity)
    return earned
