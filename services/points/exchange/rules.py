"""What points of one community are worth in another."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.points.allotments.rules import allot, least_that_yields, rounded_down
from shared.errors import Conflict, Forbidden, Inadmissible, Unseen

BASIS = 10_000
NOTICE = timedelta(hours=24)
"""How long before it takes effect a change of terms is agreed on, and so published (P20)."""


@dataclass(frozen=True, slots=True)
class Moving:
    """Between which ends a discount moves, in basis points, and at how many points owed it is there."""

    floor_bp: int
    ceiling_bp: int
    full_at: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What points of one community are worth in another while neither owes the other anything.

    Attributes:
        rate_bp: What 10,000 points are worth before the discount. Never above par: else the payer's community would owe
            more than its resident gave, which is a grant without a budget, and a circle of corridors could gain.
        discount_bp: The discount in basis points.
        moving: How the discount moves; it stays if there is none.
    """

    rate_bp: int
    discount_bp: int
    moving: Moving | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """What becomes of the points that a resident pays: what arrives, what the discount keeps, and the rounding."""

    arrives: int
    discount: int
    residue: int


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
class ProposalReplaced(Conflict):
    """A newer version was proposed since."""

    type = "proposal-replaced"
    title = "该互通提议已被更新的版本取代"
    title_en = "Proposal replaced"
    detail = "第 {version} 版已被第 {latest} 版取代，请同意最新版本或提出新版本。"
    detail_en = "Version {version} was replaced by version {latest}; agree to the latest one, or propose another."

    version: int
    latest: int


@dataclass(kw_only=True, eq=False)
class NoticeTooShort(Conflict):
    """Terms are changed a day after both have agreed and so published them, not sooner."""

    type = "notice-too-short"
    title = "公示时间不足"
    title_en = "Notice too short"
    detail = (
        "互通条款的变更须公示一天，最早 {earliest} 生效；提议的生效时间是 {effective_from}。请提出较晚生效的新版本。"
    )
    detail_en = (
        "A change is published a day ahead: it may take effect at {earliest}, not at {effective_from}. "
        "Propose a version that takes effect later."
    )

    effective_from: str
    earliest: str


@dataclass(kw_only=True, eq=False)
class TermsOutOfOrder(Inadmissible):
    """Floor, discount and ceiling do not follow each other, or only some of what moves the discount is given."""

    type = "terms-out-of-order"
    title = "互通条款不成立"
    title_en = "Terms out of order"
    detail = "下限、基准折扣、上限须依次不减；下限、上限与满额点（full_at）须同时给出或都不给出。"
    detail_en = "Floor, discount and ceiling must not descend; floor, ceiling and full_at go together or are left out."


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


def terms_of(
    rate_bp: int, discount_bp: int, floor_bp: int | None, ceiling_bp: int | None, full_at: int | None
) -> Terms:
    """Put terms together.

    Raises:
        TermsOutOfOrder: The discount does not lie between floor and ceiling, or one of what moves it is missing.
    """
    if floor_bp is None and ceiling_bp is None and full_at is None:
        return Terms(rate_bp, discount_bp)
    if floor_bp is None or ceiling_bp is None or full_at is None or not floor_bp <= discount_bp <= ceiling_bp:
        raise TermsOutOfOrder
    return Terms(rate_bp, discount_bp, Moving(floor_bp, ceiling_bp, full_at))


def discount_at(terms: Terms, owed: int) -> int:
    """Return the discount in basis points when the payer's community owes the other `owed` points net (P20).

    At 0 it is the base discount. From there it moves in a straight line, by whole basis points: up to the ceiling,
    where it is from `full_at` points owed on, so that who floods a neighbour gets ever less for it; and down to the
    floor, where it is once the other owes as much. Everybody can work it out from the terms and the position.
    """
    moving = terms.moving
    if moving is None:
        return terms.discount_bp
    way = moving.ceiling_bp - terms.discount_bp if owed > 0 else terms.discount_bp - moving.floor_bp
    moved = rounded_down(way, min(abs(owed), moving.full_at), moving.full_at)
    return terms.discount_bp + moved if owed > 0 else terms.discount_bp - moved


def takes_effect(version: int, asked: datetime | None, agreed_at: datetime) -> datetime:
    """Return when a version that is agreed on now takes effect: when it was asked to, or as soon as it may.

    The first version of a corridor takes nothing from anybody and may begin at once. Every later one changes what
    people rely on, and is published NOTICE ahead.

    Raises:
        NoticeTooShort: It was asked to sooner.
    """
    earliest = agreed_at if version == 1 else agreed_at + NOTICE
    if asked is not None and asked < earliest:
        raise NoticeTooShort(effective_from=asked.isoformat(), earliest=earliest.isoformat())
    return asked or earliest


def price_before_discount(price: int, rate_bp: int, discount_bp: int) -> int:
    """Return what a payer gives so that exactly `price` arrives: the least number of points worth that, rounded down.

    Args:
        price: What arrives, in points of the merchant's community.
        rate_bp: What 10,000 points are worth before the discount, 1 to 10,000.
        discount_bp: The discount in basis points, 0 to 9,999.
    """
    return least_that_yields(price, rate_bp * (BASIS - discount_bp), BASIS * BASIS)


def divide(paid: int, rate_bp: int, discount_bp: int) -> Payment:
    """Divide what a payer gives: what arrives and what rate and discount keep, each rounded down, and the residue.

    So nothing is lost to rounding, and a round trip never gains (P2, P21).
    """
    worth = rate_bp * (BASIS - discount_bp)
    (arrives, kept), residue = allot(paid, (worth, BASIS * BASIS - worth))
    return Payment(arrives, kept, residue)


def usable(quote_id: uuid.UUID, *, expires_at: datetime, used_at: datetime | None, now: datetime) -> None:
    """Refuse a quote that was used, or whose time is over.

    Raises:
        QuoteSpent: It is.
    """
    if used_at is not None or expires_at <= now:
        raise QuoteSpent(quote_id=quote_id)
