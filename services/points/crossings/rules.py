"""What crosses between cells, and how each notices that the other, or itself, has forgotten something.

A hold in the payer's cell, a decision in the merchant's, a capture or release in the payer's. Only the merchant's cell
decides, once, by its own clock against the deadline that the message carries; the payer's holds until it is told and
asks again. So no clock and no silence makes half a transfer.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from services.points.exchange.rules import divide
from services.points.ledger.rules import (
    DISCOUNT,
    RESIDUE,
    AccountName,
    AssetClass,
    PostTransfer,
    TransferKind,
    correspondent,
    merchant,
    resident,
)
from shared.errors import Conflict, Inadmissible, Unseen

ANSWER_WITHIN = timedelta(minutes=2)
ASK_AGAIN_AFTER = timedelta(seconds=30)
ASK_AGAIN_WITHIN = timedelta(minutes=10)
"""Each time after twice as long, but no longer than this."""
UNTIL_TOLD = datetime(9999, 12, 31, tzinfo=UTC)
"""When a crossing's hold expires: it ends by the other cell's decision alone."""


class State(StrEnum):
    """How far a crossing has come in the payer's cell."""

    REQUESTED = "requested"
    CAPTURED = "captured"
    RELEASED = "released"


class Reason(StrEnum):
    """Why the merchant's cell refused."""

    LATE = "late"
    MERCHANT = "merchant"
    CORRIDOR = "corridor"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a crossing pays, and at what rate."""

    crossing_id: uuid.UUID
    from_community: str
    to_community: str
    resident_id: uuid.UUID
    merchant_id: uuid.UUID
    price: int
    paid: int
    rate_bp: int
    discount_bp: int


@dataclass(kw_only=True, eq=False)
class SameCell(Inadmissible):
    """Both communities are in this cell, or the payer's is not."""

    type = "same-cell"
    title = "对方社区不在其他单元"
    title_en = "Not in another cell"
    detail = "{to_community} 与 {from_community} 之间不是跨单元兑换；同一单元内请使用报价。"
    detail_en = "{to_community} is not in another cell than {from_community}; within a cell ask for a quote."

    from_community: str
    to_community: str


@dataclass(kw_only=True, eq=False)
class CostsMore(Conflict):
    """The rate has moved: it costs more than the resident agreed to."""

    type = "costs-more"
    title = "价格已变动"
    title_en = "Costs more"
    detail = "现需支付 {paid} 积分，超过您确认的 {paid_max}。请确认新的价格后再试。"
    detail_en = "It costs {paid} points now, more than the {paid_max} that were agreed to. Agree to the new price."

    paid: int
    paid_max: int


@dataclass(kw_only=True, eq=False)
class CellsDisagree(Conflict):
    """The two cells' books do not agree, and nothing crosses until they do."""

    type = "cells-disagree"
    title = "两单元账目不一致，互通暂停"
    title_en = "Cells disagree"
    detail = "{from_community} 与 {to_community} 的跨单元账目正在核对，暂不能兑换，请稍后再试。"
    detail_en = "The books of {from_community} and {to_community} are being brought together; try again later."

    from_community: str
    to_community: str


@dataclass(kw_only=True, eq=False)
class CrossingUnknown(Unseen):
    """The caller has no such crossing."""

    type = "crossing-unknown"
    title = "没有该跨单元兑换"
    title_en = "Crossing unknown"
    detail = "没有跨单元兑换 {crossing_id}。"
    detail_en = "There is no crossing {crossing_id} that you may see."

    crossing_id: uuid.UUID


def between_cells(cell: str, from_community: str, to_community: str) -> None:
    """Refuse what does not lead out of this cell.

    Args:
        cell: The prefix of this cell's communities; empty where there is one cell for all.
        from_community: The payer's.
        to_community: The merchant's.

    Raises:
        SameCell: It does not.
    """
    if not from_community.startswith(cell) or to_community.startswith(cell):
        raise SameCell(from_community=from_community, to_community=to_community)


def reason_against(*, merchant_active: bool, agreed: bool, deadline: datetime, now: datetime) -> Reason | None:
    """Return why a purchase from another cell is refused, if it is."""
    if now >= deadline:
        return Reason.LATE
    if not merchant_active:
        return Reason.MERCHANT
    return None if agreed else Reason.CORRIDOR


def capture_of(terms: Terms) -> PostTransfer:
    """Return the transfer by which the payer's book carries out what the other cell accepted."""
    paid = divide(terms.paid, terms.rate_bp, terms.discount_bp)
    kept = [(name, points) for name, points in ((DISCOUNT, paid.discount), (RESIDUE, paid.residue)) if points]
    owed = (correspondent(terms.to_community), paid.arrives)
    amounts = ((resident(terms.resident_id), -terms.paid), owed, *kept)
    return _transfer(terms, terms.from_community, amounts, hold=str(terms.crossing_id))


def arrival_of(terms: Terms) -> PostTransfer:
    """Return the transfer by which the merchant's book carries out what it accepts."""
    amounts = ((correspondent(terms.from_community), -terms.price), (merchant(terms.merchant_id), terms.price))
    return _transfer(terms, terms.to_community, amounts)


def _transfer(
    terms: Terms, code: str, amounts: tuple[tuple[AccountName, int], ...], hold: str | None = None
) -> PostTransfer:
    reference = str(terms.crossing_id)
    return PostTransfer(code, AssetClass.SERVICE, TransferKind.REDEEM, reference, amounts, hold=hold)


def forgotten_here(*, seen_by_the_other: int, known: int) -> bool:
    """Tell whether the other cell has seen more of this one than this one knows: it was restored from a backup."""
    return seen_by_the_other > known
