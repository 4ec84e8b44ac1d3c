"""What a deed earns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.points.allotments.rules import rounded_down
from shared.clock import CHINA
from shared.errors import Conflict, Forbidden, Inadmissible, Unseen
from shared.formula import Formula, parse

CLOCK_SKEW = timedelta(minutes=5)

FORMULA = "quantity * points / per_quantity"
"""What a deed earns unless its rule says otherwise."""

VARIABLES = ("quantity", "points", "per_quantity", "hour", "weekday")
"""What any formula may speak of, beside the evidence that its rule asks for: the deed's quantity, the rule's figures,
and when it was done, in China: the hour from 0 to 23, the day of the week from 1, Monday, to 7."""


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
    """The deed is too small for a single point, by the rule of its time."""

    type = "earns-nothing"
    title = "数量不足以获得积分"
    title_en = "Earns nothing"
    detail = "数量 {quantity} 按规则 {formula} 不足一个积分（每 {per_quantity} 计分）。"
    detail_en = "Quantity {quantity} earns no whole point by the rule {formula}, which counts by {per_quantity}."

    quantity: int
    per_quantity: int
    formula: str


@dataclass(kw_only=True, eq=False)
class EvidenceMissing(Inadmissible):
    """The rule asks for evidence that did not come with the deed, or that is no number where it counts."""

    type = "evidence-missing"
    title = "缺少佐证"
    title_en = "Evidence missing"
    detail = "该活动须提供以下佐证：{missing}；参与计分的佐证须为整数。请补齐后重新登记。"
    detail_en = "The rule asks for this evidence: {missing}; what is counted must be a whole number. Send it along."

    missing: list[str]


@dataclass(kw_only=True, eq=False)
class RuleRetroactive(Inadmissible):
    """A later version of a rule would change what was done before it was agreed on."""

    type = "rule-retroactive"
    title = "规则不得溯及既往"
    title_en = "Retroactive rule"
    detail = "活动 {activity} 已有规则，新版本的生效时间 {effective_from} 须晚于批准时间。"
    detail_en = (
        "{activity} has a rule already; a new version comes into force after it is approved, not {effective_from}."
    )

    activity: str
    effective_from: str


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
class DeedUnknown(Unseen):
    """There is no such deed."""

    type = "deed-unknown"
    title = "没有该善行记录"
    title_en = "Deed unknown"
    detail = "活动 {activity} 没有编号为 {reference} 的善行记录，请核对。"
    detail_en = "There is no deed {reference} of {activity}; check its reference."

    activity: str
    reference: str


@dataclass(kw_only=True, eq=False)
class DeedDecided(Conflict):
    """The deed was verified or turned down before."""

    type = "deed-decided"
    title = "该善行已核定"
    title_en = "Deed decided already"
    detail = "活动 {activity} 的善行 {reference} 已核定，不能重复核定。"
    detail_en = "The deed {reference} of {activity} was verified or turned down before."

    activity: str
    reference: str


@dataclass(kw_only=True, eq=False)
class OwnDeed(Forbidden):
    """Nobody verifies a deed that they have registered themselves."""

    type = "own-deed"
    title = "不能核定自己登记的善行"
    title_en = "Own deed"
    detail = "善行须由登记人以外的人员核定。"
    detail_en = "Somebody else than who registered a deed verifies it."


@dataclass(kw_only=True, eq=False)
class TrialTooLong(Inadmissible):
    """A rule is tried on more than can be read at once."""

    type = "trial-too-long"
    title = "试算范围过大"
    title_en = "Trial too long"
    detail = "试算范围须先后有序，且不超过 {deeds_max} 条善行。请缩短时间。"
    detail_en = "A trial goes from a time to a later one, over at most {deeds_max} deeds. Choose a shorter time."

    deeds_max: int


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


def understood(formula: str, evidence_required: Sequence[str]) -> Formula:
    """Understand a rule's formula.

    Raises:
        FormulaInvalid: It speaks of something else than VARIABLES and the evidence that the rule asks for.
    """
    return parse(formula, (*VARIABLES, *evidence_required))


@dataclass(frozen=True, slots=True)
class Worth:
    """How a rule counts what is done: by a formula, up to the cap of one deed, on evidence that must be there."""

    formula: str
    points: int
    per_quantity: int
    points_max_per_deed: int
    evidence_required: Sequence[str] = ()

    def of(self, quantity: int, occurred_at: datetime, evidence: Mapping[str, object]) -> int:
        """Return what a deed earns: what the formula comes to, rounded down, up to the cap of one deed.

        Raises:
            EvidenceMissing: It lacks evidence that the rule asks for.
            EarnsNothing: That is no whole point.
        """
        understood_as, done = understood(self.formula, self.evidence_required), occurred_at.astimezone(CHINA)
        counted = {name: evidence.get(name) for name in self.evidence_required}
        missing = [name for name, value in counted.items() if value is None]
        missing += [
            n for n, v in counted.items() if n in understood_as.names and not isinstance(v, int) and v is not None
        ]
        if missing:
            raise EvidenceMissing(missing=missing)
        known = {name: int(value) for name, value in counted.items() if isinstance(value, int)}
        known |= {"quantity": quantity, "points": self.points, "per_quantity": self.per_quantity}
        known |= {"hour": done.hour, "weekday": done.isoweekday()}
        try:
            worth = understood_as.value(known)
            earned = min(rounded_down(worth.numerator, 1, worth.denominator), self.points_max_per_deed)
        except ZeroDivisionError:
            earned = 0
        if earned < 1:
            raise EarnsNothing(quantity=quantity, per_quantity=self.per_quantity, formula=self.formula)
        return earned
