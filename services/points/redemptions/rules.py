"""What may be redeemed, and how it moves between the books."""

import uuid
from dataclasses import dataclass

from services.points.ledger.rules import AssetClass
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
