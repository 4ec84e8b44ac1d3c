"""Which merchants may take points."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from shared.errors import Conflict, Unseen


@dataclass(kw_only=True, eq=False)
class MerchantUnknown(Unseen):
    """No such merchant is on the white list."""

    type = "merchant-unknown"
    title = "商户未入驻"
    title_en = "Merchant unknown"
    detail = "商户 {merchant_id} 不在白名单中，请核对商户编号。"
    detail_en = "Merchant {merchant_id} is not on the white list; check its id."

    merchant_id: uuid.UUID


@dataclass(kw_only=True, eq=False)
class MerchantDebarred(Conflict):
    """The merchant is on the black list and takes no points."""

    type = "merchant-debarred"
    title = "商户已列入黑名单"
    title_en = "Merchant debarred"
    detail = "商户 {merchant_id} 已列入黑名单，不能收取积分。请选择其他商户。"
    detail_en = "Merchant {merchant_id} is debarred and takes no points. Choose another."

    merchant_id: uuid.UUID


def may_take_points(merchant_id: uuid.UUID, debarred_from: datetime | None, now: datetime) -> None:
    """Refuse a merchant that is on the black list at `now`.

    Raises:
        MerchantDebarred: It is.
    """
    if debarred_from and debarred_from <= now:
        raise MerchantDebarred(merchant_id=merchant_id)
