"""What can be disputed, by whom, and which role takes it back (P42)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.points.ledger.rules import AccountKind, AccountName, TransferKind
from shared.errors import Conflict, Forbidden, Unseen

UNTIL_DECIDED = datetime(9999, 12, 31, tzinfo=UTC)
"""When a dispute's hold expires: it ends by the decision alone."""
OPENS = ("desk", "operator", "official")
"""Who may dispute what concerns others; those whom it concerns may as well."""
DISMISSES = ("operator", "official")
REVERSES = {
    TransferKind.EARN: ("official",),
    TransferKind.GIVE: ("official",),
    TransferKind.REDEEM: ("operator", "official"),
}
"""Who may take it back: a purchase the operator may undo, what was granted or shared an official alone."""


@dataclass(kw_only=True, eq=False)
class NotDisputable(Unseen):
    """There is no such grant, gift or purchase that this caller may dispute."""

    type = "not-disputable"
    title = "没有可争议的入账"
    title_en = "Not disputable"
    detail = (
        "没有您可提出争议的入账 {transfer_id}。发放、家庭共享和本单元消费可提出争议；预约请取消，跨单元请联系商户。"
    )
    detail_en = (
        "There is no transfer {transfer_id} that you may dispute: grants, family shares and purchases within this cell"
        " are. Cancel a booking instead; for what crossed between cells ask the merchant."
    )

    transfer_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class DisputeOpen(Conflict):
    """It is disputed already, and not decided."""

    type = "dispute-open"
    title = "已有未决争议"
    title_en = "Disputed already"
    detail = "该笔入账已有未决争议 {dispute_id}，请等待处理。"
    detail_en = "The dispute {dispute_id} about this is not decided yet; wait for it."

    dispute_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class DisputeUnknown(Unseen):
    """There is no such dispute, or none that this caller may see."""

    type = "dispute-unknown"
    title = "没有该争议"
    title_en = "Dispute unknown"
    detail = "没有争议 {dispute_id}，或您无权查看。"
    detail_en = "There is no dispute {dispute_id} that you may see."

    dispute_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class DisputeDecided(Conflict):
    """It was decided before."""

    type = "dispute-decided"
    title = "争议已有决定"
    title_en = "Dispute decided already"
    detail = "争议 {dispute_id} 已有决定；如有新的事实请重新提出。"
    detail_en = "The dispute {dispute_id} is decided; open another if there are new facts."

    dispute_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class OwnDispute(Forbidden):
    """Who opened it, or whom it concerns, does not decide."""

    type = "own-dispute"
    title = "不能决定自己的争议"
    title_en = "Own dispute"
    detail = "争议须由提出人和当事人以外的人决定。"
    detail_en = "Somebody else than who opened the dispute, and than whom it concerns, must decide."


@dataclass(frozen=True, slots=True)
class Leg:
    """What of a transfer still stands in one account: what it moved, less what was given back since."""

    community_code: str
    account: AccountName
    still: int


def disputable(kind: TransferKind, legs: Sequence[Leg]) -> bool:
    """Tell whether what was posted under one reference can be disputed, and so taken back here.

    A grant; a share between residents; a purchase at a merchant, of which no part is in another cell's book.
    """
    kinds = {leg.account.kind for leg in legs}
    if kind is TransferKind.EARN:
        return kinds == {AccountKind.ISSUER, AccountKind.RESIDENT}
    if kind is TransferKind.GIVE:
        return kinds == {AccountKind.RESIDENT}
    return kind is TransferKind.REDEEM and AccountKind.MERCHANT in kinds and AccountKind.CORRESPONDENT not in kinds


def concerned(legs: Sequence[Leg]) -> set[str]:
    """Return whom a transfer concerns: residents and merchants."""
    parties = {AccountKind.RESIDENT, AccountKind.MERCHANT}
    return {leg.account.owner for leg in legs if leg.account.kind in parties}


def gained(legs: Sequence[Leg]) -> Leg | None:
    """Return the resident's account in which the disputed points are, if they are in one."""
    return next((leg for leg in legs if leg.account.kind is AccountKind.RESIDENT and leg.still > 0), None)


def take_back(legs: Sequence[Leg], points: int | None = None) -> dict[str, tuple[tuple[AccountName, int], ...]]:
    """Return by community the amounts that take back what still stands, or a part of a transfer with two legs.

    Args:
        legs: What still stands.
        points: How many of the points that a resident gained; all of all legs if not given.
    """
    amounts: dict[str, tuple[tuple[AccountName, int], ...]] = {}
    for leg in legs:
        part = -leg.still if points is None else -points if leg.still > 0 else points
        if part:
            amounts[leg.community_code] = (*amounts.get(leg.community_code, ()), (leg.account, part))
    return amounts
