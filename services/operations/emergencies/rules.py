"""When money may be spent before it is approved, and what holds it up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.errors import Conflict, Unseen

SpendState = Literal["pending", "approved", "rejected", "recovered"]


@dataclass(kw_only=True, eq=False)
class EmergencyUnseen(Unseen):
    """There is no such emergency, or no such expense in it."""

    type = "emergency-unseen"
    title = "未找到该应急事项"
    title_en = "No such emergency"
    detail = "未找到应急事项或支出 {emergency_id}。请核对编号。"
    detail_en = "There is no emergency or expense {emergency_id}. Check its id."

    emergency_id: str


@dataclass(kw_only=True, eq=False)
class EmergencyOver(Conflict):
    """The emergency is over."""

    type = "emergency-over"
    title = "应急期已结束"
    title_en = "The emergency is over"
    detail = "应急期已于 {ends_at} 结束。请按一般支付申请。"
    detail_en = "The emergency ended at {ends_at}. Ask for an ordinary payment."

    ends_at: str


@dataclass(kw_only=True, eq=False)
class EmergencyLimitReached(Conflict):
    """The expense would exceed the limit."""

    type = "emergency-limit-reached"
    title = "超出应急额度"
    title_en = "Beyond the emergency's limit"
    detail = "剩余应急额度 {left_fen} 分，不足 {amount_fen} 分。请申请新的应急事项。"
    detail_en = "{left_fen} fen of the limit are left, and {amount_fen} are asked for. Have another emergency declared."

    left_fen: int
    amount_fen: int


@dataclass(kw_only=True, eq=False)
class ApprovalOverdue(Conflict):
    """An earlier expense waits for its approval longer than it may."""

    type = "emergency-approval-overdue"
    title = "有支出逾期未补批"
    title_en = "An approval is overdue"
    detail = "支出 {spend_id} 应于 {due_at} 前补办审批。请先补批，再继续支出。"
    detail_en = "The expense {spend_id} was to be approved by {due_at}. Have it decided first."

    spend_id: str
    due_at: str


@dataclass(kw_only=True, eq=False)
class SpendStepRefused(Conflict):
    """The expense does not stand where this step follows."""

    type = "emergency-step-refused"
    title = "支出状态不允许此操作"
    title_en = "The expense allows no such step"
    detail = "支出当前为 {state}，需要为 {wanted}。"
    detail_en = "The expense is {state}; this takes one that is {wanted}."

    state: str
    wanted: str


def check_spend(limit_fen: int, spent_fen: int, amount_fen: int, *, ends_at: datetime, now: datetime) -> None:
    """Refuse what is too late or too much.

    Raises:
        EmergencyOver: The emergency has ended.
        EmergencyLimitReached: The limit would be exceeded.
    """
    if now >= ends_at:
        raise EmergencyOver(ends_at=ends_at.isoformat())
    if spent_fen + amount_fen > limit_fen:
        raise EmergencyLimitReached(left_fen=limit_fen - spent_fen, amount_fen=amount_fen)


def is_overdue(state: str, due_at: datetime, now: datetime) -> bool:
    """Tell whether an expense waits for its approval longer than it may."""
    return state == "pending" and now > due_at
