"""What the ledger allows: kinds of accounts, months at whose end points expire, and which lots are spent first."""

import calendar
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.errors import Conflict


class AssetClass(StrEnum):
    """What points are good for: basic 基本积分 can never be redeemed, service 服务积分 can."""

    BASIC = "basic"
    SERVICE = "service"


class AccountKind(StrEnum):
    """What an account is for; only a resident's can refuse."""

    ISSUER = "issuer"
    RESIDENT = "resident"
    MERCHANT = "merchant"
    CLEARING = "clearing"
    DISCOUNT = "discount"


class TransferKind(StrEnum):
    """Why points move."""

    EARN = "earn"
    REDEEM = "redeem"


@dataclass(kw_only=True, eq=False)
class NotEnoughPoints(Conflict):
    """The account has fewer points that may be spent than this takes."""

    type = "not-enough-points"
    title = "可用积分不足"
    title_en = "Not enough points"
    detail = "可用积分 {available}，本次需要 {required}。请减少数量，或参加活动获取积分后再试。"
    detail_en = "{available} points may be spent, this takes {required}. Ask for less, or earn more first."

    available: int
    required: int


@dataclass(kw_only=True, eq=False)
class AlreadyPosted(Conflict):
    """The same deed or purchase was posted before, under another idempotency key."""

    type = "already-posted"
    title = "该笔业务已入账"
    title_en = "Already posted"
    detail = "业务 {reference} 已经入账，不会重复记账。"
    detail_en = "{reference} has been posted before; it is not posted twice."

    reference: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A lot with what is left in it."""

    lot_id: uuid.UUID
    expires_on: date
    remaining: int


def month_end_after(day: date, months: int) -> date:
    """Return the last day of the month that lies `months` after the month of `day`."""
    month0 = day.year * 12 + day.month - 1 + months
    year, month = month0 // 12, month0 % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def spend_earliest(holdings: Sequence[Holding], amount: int, today: date) -> list[tuple[uuid.UUID, int]]:
    """Choose what to take from which lot: earliest expiry first, nothing of what has expired.

    Args:
        holdings: The lots of one account.
        amount: How many points are spent.
        today: The ledger's day; a lot is good until the end of its `expires_on`.

    Returns:
        Pairs of lot and points taken, which sum to `amount`.

    Raises:
        NotEnoughPoints: The lots that are still good hold less.
    """
    good = sorted((h for h in holdings if h.expires_on >= today), key=lambda h: (h.expires_on, h.lot_id))
    available = sum(h.remaining for h in good)
    if available < amount:
        raise NotEnoughPoints(available=available, required=amount)
    taken = []
    for holding in good:
        part = min(holding.remaining, amount)
        if part:
            taken.append((holding.lot_id, part))
        amount -= part
    return taken
