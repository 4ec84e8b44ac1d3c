"""Which merchants may take points."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from shared.errors import Conflict, OutOfScope, Unseen
from shared.identity import Identity


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


@dataclass(kw_only=True, eq=False)
class ItemUnknown(Unseen):
    """The merchant does not offer it."""

    type = "item-unknown"
    title = "商户没有该商品"
    title_en = "Item unknown"
    detail = "商户目录中没有在售的 {item}，请核对。"
    detail_en = "The merchant's catalogue offers no {item}; check it."

    item: str


def acts_for(who: Identity, merchant_id: uuid.UUID, community_code: str) -> bool:
    """Tell whether the caller is the merchant, or a till of its community that is registered as an application."""
    till = who.subject.startswith("application:") and who.holds(community_code, "merchant")
    return till or who.subject == f"merchant:{merchant_id}"


def require_till(who: Identity, merchant_id: uuid.UUID, community_code: str) -> None:
    """Refuse who does not act for a merchant.

    Raises:
        OutOfScope: It does not.
    """
    if not acts_for(who, merchant_id, community_code):
        raise OutOfScope(area=community_code, roles="merchant")


def may_take_points(merchant_id: uuid.UUID, debarred_from: datetime | None, now: datetime) -> None:
    """Refuse a merchant that is on the black list at `now`.

    Raises:
        MerchantDebarred: It is.
    """
    if debarred_from and debarred_from <= now:
        raise MerchantDebarred(merchant_id=merchant_id)
