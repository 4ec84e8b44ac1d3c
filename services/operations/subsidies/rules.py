"""How a subsidy is split, paid, rewarded and clawed back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.operations.communities.rules import Tier
from services.operations.projects.rules import Stage
from shared.errors import Conflict, Forbidden, Inadmissible, Unseen

Ground = Literal["milestone_untrue", "project_abandoned", "misused", "overpaid"]


@dataclass(kw_only=True, eq=False)
class SubsidyUnseen(Unseen):
    """There is no such subsidy, or no such tranche."""

    type = "subsidy-unseen"
    title = "未找到该补助"
    title_en = "No such subsidy"
    detail = "未找到补助 {subsidy_id} 或该批次。请核对编号。"
    detail_en = "There is no subsidy {subsidy_id}, or no such tranche. Check the numbers."

    subsidy_id: str


@dataclass(kw_only=True, eq=False)
class TranchesUnbalanced(Inadmissible):
    """The tranches do not come to the subsidy, or its milestones go backwards."""

    type = "subsidy-tranches-unbalanced"
    title = "批次金额或里程碑有误"
    title_en = "Tranches do not fit"
    detail = "各批次合计 {sum_fen} 分，应为 {amount_fen} 分；里程碑须按申报、创建、验收先后排列。"
    detail_en = "The tranches come to {sum_fen} fen, not {amount_fen}; their milestones follow the project's stages."

    sum_fen: int
    amount_fen: int


@dataclass(kw_only=True, eq=False)
class MilestoneNotMet(Conflict):
    """A tranche is not due."""

    type = "subsidy-milestone-not-met"
    title = "里程碑未达成"
    title_en = "Milestone not met"
    detail = "第 {no} 批须在项目通过 {milestone} 阶段、且前一批次拨付后方可拨付。"
    detail_en = "Tranche {no} is paid when the project has passed {milestone} and the tranche before is paid."

    no: int
    milestone: str


@dataclass(kw_only=True, eq=False)
class AlreadyPaid(Conflict):
    """A tranche is paid once."""

    type = "subsidy-already-paid"
    title = "该批次已拨付"
    title_en = "Tranche already paid"
    detail = "第 {no} 批已拨付，不得重复。"
    detail_en = "Tranche {no} is paid; it is not paid again."

    no: int


@dataclass(kw_only=True, eq=False)
class SelfApproval(Forbidden):
    """Who grants a subsidy does not release it."""

    type = "subsidy-self-approval"
    title = "不得自批"
    title_en = "No self-approval"
    detail = "批复补助的人员不得拨付同一补助，请由他人经办。"
    detail_en = "Who granted the subsidy does not pay its tranches; somebody else has to."


@dataclass(kw_only=True, eq=False)
class ClawbackTooLarge(Conflict):
    """More would be clawed back than was paid."""

    type = "subsidy-clawback-too-large"
    title = "追缴超额"
    title_en = "Clawback too large"
    detail = "已拨付 {paid_fen} 分，已追缴 {clawed_fen} 分，不能再追缴 {asked_fen} 分。"
    detail_en = "Of {paid_fen} fen paid, {clawed_fen} are clawed back; {asked_fen} more cannot be."

    paid_fen: int
    clawed_fen: int
    asked_fen: int


@dataclass(frozen=True, slots=True)
class Tranche:
    """A part of a subsidy in fen, and the stage of the project that it waits for."""

    amount_fen: int
    milestone: Stage


STAGES: Sequence[Stage] = ("applying", "creating", "accepting")


def check_tranches(amount_fen: int, tranches: Sequence[Tranche]) -> None:
    """Refuse tranches that do not come to the subsidy or whose milestones go backwards.

    Raises:
        TranchesUnbalanced: They do.
    """
    total = sum(tranche.amount_fen for tranche in tranches)
    order = [STAGES.index(tranche.milestone) if tranche.milestone in STAGES else -1 for tranche in tranches]
    if total != amount_fen or order != sorted(order) or -1 in order:
        raise TranchesUnbalanced(sum_fen=total, amount_fen=amount_fen)


def reward_fen(tier: Tier | None, rewards: Mapping[Tier, int]) -> int:
    """Return the reward 以奖代补 of a tier, in fen; without a tier there is none."""
    return rewards.get(tier, 0) if tier else 0


def check_clawback(paid_fen: int, clawed_fen: int, asked_fen: int) -> None:
    """Refuse to claw back more than was paid.

    Raises:
        ClawbackTooLarge: It would.
    """
    if clawed_fen + asked_fen > paid_fen:
        raise ClawbackTooLarge(paid_fen=paid_fen, clawed_fen=clawed_fen, asked_fen=asked_fen)
