"""What of a fund may be spent on what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from shared.errors import Conflict, Unseen

OUTSIDE = "@outside"
Purpose = Literal["points", "facilities", "activities", "services", "elder_care", "emergency", "other"]


@dataclass(frozen=True, slots=True)
class Tier:
    """Which approvals an amount needs: per level an official of an area with at most so many digits.

    12 is a community, 9 a street, 6 a district. `upto_fen` is None in the last tier, which has no bound.
    """

    upto_fen: int | None
    levels: Sequence[int]


TIERS = TypeAdapter(list[Tier])
TIERS_USUAL = (Tier(500_000, [12]), Tier(5_000_000, [9]), Tier(None, [9, 6]))
"""To 5,000 yuan one official, to 50,000 one of the street, above street and district (assumed)."""


@dataclass(kw_only=True, eq=False)
class FundUnseen(Unseen):
    """The community has no fund."""

    type = "fund-unseen"
    title = "社区基金未设立"
    title_en = "No such fund"
    detail = "社区 {code} 尚未设立社区基金。请先设立。"
    detail_en = "The community {code} has no fund. Open one first."

    code: str


@dataclass(kw_only=True, eq=False)
class FundExists(Conflict):
    """The community has a fund already."""

    type = "fund-exists"
    title = "社区基金已设立"
    title_en = "Fund exists"
    detail = "社区 {code} 已设立社区基金。"
    detail_en = "The community {code} has a fund already."

    code: str


@dataclass(kw_only=True, eq=False)
class PotUnseen(Unseen):
    """The fund has no such pot."""

    type = "fund-pot-unseen"
    title = "未找到该专款"
    title_en = "No such pot"
    detail = "社区基金中没有专款 {pot}。请核对代码。"
    detail_en = "The fund has no pot {pot}. Check its code."

    pot: str


@dataclass(kw_only=True, eq=False)
class PotExists(Conflict):
    """The fund has this pot already."""

    type = "fund-pot-exists"
    title = "专款已存在"
    title_en = "Pot exists"
    detail = "社区基金中已有 {pot}。请换一个代码。"
    detail_en = "The fund has {pot} already. Choose another code."

    pot: str


@dataclass(kw_only=True, eq=False)
class EarmarkViolated(Conflict):
    """The pot may not serve this purpose."""

    type = "fund-earmark-violated"
    title = "专款专用"
    title_en = "Earmarked for something else"
    detail = "专款 {pot} 只能用于 {purposes}，不能用于 {purpose}。请从其他专款支出。"
    detail_en = "The pot {pot} serves {purposes} and not {purpose}. Pay from another."

    pot: str
    purposes: str
    purpose: str


@dataclass(kw_only=True, eq=False)
class PotOverdrawn(Conflict):
    """The pot has not so much."""

    type = "fund-pot-overdrawn"
    title = "专款余额不足"
    title_en = "Not enough in the pot"
    detail = "专款 {pot} 余额 {balance_fen} 分，不足支付 {amount_fen} 分。"
    detail_en = "The pot {pot} has {balance_fen} fen, and {amount_fen} are asked for."

    pot: str
    balance_fen: int
    amount_fen: int


@dataclass(kw_only=True, eq=False)
class ReferenceUsed(Conflict):
    """Money has moved under this reference."""

    type = "fund-reference-used"
    title = "凭证号已入账"
    title_en = "Reference booked already"
    detail = "凭证 {reference} 已入账，不能重复入账。"
    detail_en = "{reference} is booked already; it is not booked twice."

    reference: str


def check_earmark(pot: str, purposes: Sequence[str], purpose: Purpose) -> None:
    """Refuse a purpose that the pot may not serve; a pot without purposes serves any.

    Raises:
        EarmarkViolated: It may not.
    """
    if purposes and purpose not in purposes:
        raise EarmarkViolated(pot=pot, purposes="、".join(purposes), purpose=purpose)


def check_balance(pot: str, balance_fen: int, amount_fen: int) -> None:
    """Refuse to take more out of a pot than is in it.

    Raises:
        PotOverdrawn: It has not so much.
    """
    if amount_fen > balance_fen:
        raise PotOverdrawn(pot=pot, balance_fen=balance_fen, amount_fen=amount_fen)
