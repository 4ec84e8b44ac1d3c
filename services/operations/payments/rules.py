"""Who may let a fund pay: approvals by amount, and never one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.operations.fund.rules import Tier
from shared.errors import Conflict, Forbidden, Unseen

PaymentState = Literal["requested", "approved", "paid", "rejected"]


@dataclass(kw_only=True, eq=False)
class PaymentUnseen(Unseen):
    """There is no such payment."""

    type = "fund-payment-unseen"
    title = "未找到该支付"
    title_en = "No such payment"
    detail = "未找到支付 {payment_id}。请核对编号。"
    detail_en = "There is no payment {payment_id}. Check its id."

    payment_id: str


@dataclass(kw_only=True, eq=False)
class PaymentStepRefused(Conflict):
    """The payment does not stand where this step follows."""

    type = "fund-payment-step-refused"
    title = "支付状态不允许此操作"
    title_en = "The payment allows no such step"
    detail = "支付当前为 {state}，需要为 {wanted}。"
    detail_en = "The payment is {state}; this takes one that is {wanted}."

    state: str
    wanted: str


@dataclass(kw_only=True, eq=False)
class OwnApproval(Forbidden):
    """Nobody approves what they asked for or spent."""

    type = "fund-own-approval"
    title = "不得审批自己的申请"
    title_en = "No approval of one's own request"
    detail = "申请人、经手人不能审批自己的支出。请由他人审批。"
    detail_en = "Who asked for the money or spent it cannot approve it. Let somebody else."


@dataclass(kw_only=True, eq=False)
class ApprovalNotNeeded(Forbidden):
    """This approver's approval is none of those that are still needed."""

    type = "fund-approval-not-needed"
    title = "审批权限不足或已审批"
    title_en = "No approval of this level is needed"
    detail = "金额 {amount_fen} 分需要的审批层级（区划代码位数上限）为 {levels}。您已审批或层级不足。"
    detail_en = (
        "{amount_fen} fen take officials of areas of at most {levels} digits; you approved already or are below."
    )

    amount_fen: int
    levels: str


@dataclass(kw_only=True, eq=False)
class NothingToSettle(Conflict):
    """The merchant is owed nothing that is not in a payment yet, or has given back as much."""

    type = "fund-nothing-to-settle"
    title = "没有待结算的应收"
    title_en = "Nothing to settle"
    detail = "商户 {merchant_id} 没有待结算的积分应收（已扣除退款）。"
    detail_en = "The merchant {merchant_id} is owed no points, less refunds, that are not in a payment."

    merchant_id: str


def levels_for(amount_fen: int, tiers: Sequence[Tier]) -> Sequence[int]:
    """Return which approvals an amount needs."""
    return next(tier.levels for tier in tiers if tier.upto_fen is None or amount_fen <= tier.upto_fen)


def missing(needed: Sequence[int], given: Sequence[int]) -> list[int]:
    """Return which of the needed levels no approver stands for yet; each stands for one, the narrowest that is open."""
    still = sorted(needed, reverse=True)
    for level in sorted(given, reverse=True):
        met = next((one for one in still if level <= one), None)
        if met is not None:
            still.remove(met)
    return still


def check_approval(amount_fen: int, needed: Sequence[int], given: Mapping[str, int], by: str, level: int) -> bool:
    """Refuse an approval that brings the payment no further; tell whether it is the last one.

    Args:
        amount_fen: What is asked for.
        needed: The levels that it takes.
        given: Who has approved, at which level.
        by: Who approves now.
        level: The digits of the widest area they are an official of.

    Raises:
        ApprovalNotNeeded: They approved already, or their level is too low.
    """
    before, after = missing(needed, [*given.values()]), missing(needed, [*given.values(), level])
    if by in given or len(after) == len(before):
        raise ApprovalNotNeeded(amount_fen=amount_fen, levels="、".join(str(one) for one in sorted(needed)))
    return not after
