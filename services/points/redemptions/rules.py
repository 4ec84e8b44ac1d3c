"""What may be redeemed, and how it moves between the books."""

import uuid
from dataclasses import dataclass

from services.points.exchange.rules import divide
from services.points.ledger.rules import (
    DISCOUNT,
    RESIDUE,
    AccountName,
    AssetClass,
    PostTransfer,
    TransferKind,
    clearing,
    merchant,
    resident,
)
from shared.errors import Inadmissible, Unseen


@dataclass(kw_only=True, eq=False)
class BasicPointsNotSpendable(Inadmissible):
    """Basic points can never be redeemed (上城's practice; guideline 4)."""

    type = "basic-points-not-spendable"
    title = "基本积分不可兑换"
    title_en = "Basic points cannot be spent"
    detail = "基本积分只作记录，不可兑换、转让或互通。请使用服务积分。"
    detail_en = "Basic points are a record; they are never spent, moved or exchanged. Use service points."


@dataclass(kw_only=True, eq=False)
class RedemptionUnknown(Unseen):
    """The caller may see no such redemption."""

    type = "redemption-unknown"
    title = "没有该兑换记录"
    title_en = "Redemption unknown"
    detail = "没有兑换记录 {redemption_id}。"
    detail_en = "There is no redemption {redemption_id} that you may see."

    redemption_id: uuid.UUID


def only_service(asset_class: AssetClass) -> None:
    """Refuse points that are not for spending.

    Raises:
        BasicPointsNotSpendable: They are basic points.
    """
    if asset_class is not AssetClass.SERVICE:
        raise BasicPointsNotSpendable


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a resident pays a merchant: `price` in points of the merchant's community, `paid` in those of the payer's.

    `rate_bp` and `discount_bp` are those of the corridor between the two; `hold` names the hold that it captures.
    """

    reference: str
    resident_id: uuid.UUID
    payer_community: str
    merchant_id: uuid.UUID
    merchant_community: str
    price: int
    paid: int
    rate_bp: int
    discount_bp: int
    hold: str


def transfers_for(bought: Purchase) -> list[PostTransfer]:
    """Return the transfers that execute a purchase; the last is to the merchant.

    They capture the purchase's hold: the lots are those that were held. Within one community the points go from
    resident to merchant. Between two, the payer's book notes what it now owes the other and keeps the discount and the
    residue of rounding; the merchant's book notes the same as owed to it: the clearing accounts are mirrored, equal and
    opposite, in one commit (P22).
    """
    payer, payee = resident(bought.resident_id), merchant(bought.merchant_id)

    def transfer(community_code: str, *amounts: tuple[AccountName, int], hold: str | None = None) -> PostTransfer:
        kind = TransferKind.REDEEM
        return PostTransfer(community_code, AssetClass.SERVICE, kind, bought.reference, amounts, hold=hold)

    if bought.merchant_community == bought.payer_community:
        return [transfer(bought.payer_community, (payer, -bought.paid), (payee, bought.price), hold=bought.hold)]
    paid = divide(bought.paid, bought.rate_bp, bought.discount_bp)
    kept = [(name, points) for name, points in ((DISCOUNT, paid.discount), (RESIDUE, paid.residue)) if points]
    owed = (clearing(bought.merchant_community), paid.arrives)
    return [
        transfer(bought.payer_community, (payer, -bought.paid), owed, *kept, hold=bought.hold),
        transfer(bought.merchant_community, (clearing(bought.payer_community), -paid.arrives), (payee, bought.price)),
    ]
