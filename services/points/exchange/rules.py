"""What points of one community are worth in another."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from shared.errors import Conflict, Forbidden, Inadmissible, Unseen

BASIS = 10_000


@dataclass(kw_only=True, eq=False)
class NoCorridor(Conflict):
    """The two communities have agreed on no corridor."""

    type = "no-corridor"
    title = "两社区尚未约定积分互通"
    title_en = "No corridor"
    detail = "{from_community} 的积分暂不能在 {to_community} 使用，需两社区约定互通折扣。"
    detail_en = "Points of {from_community} are not taken in {to_community}; both must agree on a corridor."

    from_community: str
    to_community: str


@dataclass(kw_only=True, eq=False)
class CorridorUnknown(Unseen):
    """There is no such proposal."""

    type = "corridor-unknown"
    title = "没有该互通提议"
    title_en = "Corridor unknown"
    detail = "没有 {from_community} 到 {to_community} 的第 {version} 版提议。"
    detail_en = "There is no version {version} proposed from {from_community} to {to_community}."

    from_community: str
    to_community: str
    version: int


@dataclass(kw_only=True, eq=False)
class CorridorAgreed(Conflict):
    """The proposal was agreed on before."""

    type = "corridor-agreed"
    title = "该互通提议已生效"
    title_en = "Corridor agreed already"
    detail = "第 {version} 版已由对方同意；要更改折扣请提出新版本。"
    detail_en = "Version {version} is agreed already; propose a new one to change it."

    version: int


@dataclass(kw_only=True, eq=False)
class OwnProposal(Forbidden):
    """Nobody agrees to their own proposal."""

    type = "own-proposal"
    title = "不能同意自己的提议"
    title_en = "Own proposal"
    detail = "提议须由对方社区的另一人同意。"
    detail_en = "Another person, of the other community, must agree to the proposal."


@dataclass(kw_only=True, eq=False)
class SameCommunity(Inadmissible):
    """A corridor joins two communities."""

    type = "same-community"
    title = "同一社区无需互通"
    title_en = "Same community"
    detail = "互通提议须涉及两个不同的社区。"
    detail_en = "A corridor joins two different communities."


@dataclass(kw_only=True, eq=False)
class QuoteUnknown(Unseen):
    """The caller has no such quote."""

    type = "quote-unknown"
    title = "没有该报价"
    title_en = "Quote unknown"
    detail = "没有报价 {quote_id}，请重新获取报价。"
    detail_en = "There is no quote {quote_id}; ask for a new one."

    quote_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class QuoteSpent(Conflict):
    """The quote was used, or its time is over."""

    type = "quote-spent"
    title = "报价已使用或已过期"
    title_en = "Quote used or expired"
    detail = "报价 {quote_id} 已使用或已过期，请重新获取报价。"
    detail_en = "Quote {quote_id} is used or expired; ask for a new one."

    quote_id: uuid.UUID


def price_before_discount(price: int, discount_bp: int) -> int:
    """Return what a payer gives so that exactly `price` arrives after the discount.

    The least integer whose discounted value, rounded down, is `price`. The difference goes to the payer's community's
    discount account, so nothing is lost to rounding, and a round trip never gains (P2, P21).

    Args:
        price: What arrives, in points of the merchant's community.
        discount_bp: The discount in basis points of one hundredth of a percent, 0 to 9,999.
    """
    kept = BASIS - discount_bp
    return -(-price * BASIS // kept)


def usable(quote_id: uuid.UUID, *, expires_at: datetime, used_at: datetime | None, now: datetime) -> None:
    """Refuse a quote that was used, or whose time is over.

    Raises:
        QuoteSpent: It is.
    """
    if used_at is not None or expires_at <= now:
        raise QuoteSpent(quote_id=quote_id)
